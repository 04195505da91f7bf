/** @param {number} amount */
const yen = (amount) => `¥${amount.toLocaleString('en')}`;
/** @param {string} id */
const space = (id) => id.replace(/^seat-/, 'Seat ').replace(/^room-/, 'Room ');

/**
 * Every text of the door page in English, but the reasons of a refusal, which the gateway tells.
 *
 * @type {typeof import('./words-ja.js').words}
 */
export const words = {
  yen,
  space,
  sides: { entry: 'Entrance', exit: 'Exit' },
  otherLanguage: '日本語',
  starting: 'One moment…',
  welcome: (name) => `Hello, ${name}`,
  seat: 'Reservation',
  plan: 'Ticket',
  plans: { basic: 'Basic', premium: 'Premium', corporate: 'Corporate' },
  usesLeft: 'Uses left',
  uses: (count) => `${count}`,
  nothingBooked:
    'No reservation for today is known to this phone. One made just now may still open the door.',
  staff: 'Staff pass',
  open: 'Open the door',
  openAgain: 'Open the door again',
  checkOutNext: 'Check out of the other one too',
  stillOpen: (name) => `Your visit of ${name} goes on.`,
  checkOutHere: 'Check out here',
  leftOpen: (name) => `Your visit of ${name} is still open. You can check out here; the door stays shut.`,
  checkOut: 'Check out and leave',
  leave: 'Open the exit',
  working: 'One moment…',
  exitTitle: 'Check out',
  nothingOpen: 'You are not checked in',
  nothingOpenText: 'You can always leave by the exit button.',
  costsNow: 'If you leave now',
  noCost: '¥0',
  ticketVisit: 'Ticket visit',
  charged: 'Charged time',
  priceBefore: (at) => `This price holds for a check-out before ${at}.`,
  priceUntil: (at) => `This price holds for a check-out until ${at}.`,
  afterThis: (rest) => `Your visit of ${rest.join(', ')} goes on.`,
  inSince: 'Checked in',
  until: 'Yours until',
  paid: 'Charge',
  leaveBefore: (at) => `If you leave before ${at}`,
  doorStuck: 'If the door does not open, press again. You are never charged twice.',
  granted: {
    'check-in': 'You are checked in',
    're-entry': 'Welcome back',
    'check-out': 'You are checked out',
    admit: 'Please open the door',
  },
  openNow: 'Please open the door.',
  thanks: 'Please open the door. Thank you for your visit.',
  thanksHere: 'The door stays shut. Thank you for your visit.',
  shut: 'The door stays shut',
  noDoor: 'There is no such door',
  noDoorText: 'The posted code may be an old one. Please read the code at the door again.',
  insecure: 'The connection is not secure',
  insecureText:
    'At this address the browser cannot use your key. Open the secure page below, or read the code at the door again.',
  insecureOnly:
    'At this address the browser cannot use your key. This venue is not set up for a secure connection (https). Please call the venue.',
  openSecure: 'Open the secure page',
  elsewhere: 'This is another address',
  elsewhereText: 'Your key works at the venue’s own address. Please go on below.',
  openRight: 'Open the venue’s page',
  noStorage: 'This browser keeps no key',
  noStorageText:
    'A private window or Lockdown Mode cannot keep the key of a phone. Open this page in a normal window, or hold the short-lived QR of your account page to the scanner.',
  account: 'Show a QR on my account page',
  notEnrolled: 'Enrol this phone first',
  notEnrolledText:
    'Sign in, and a key is made for this phone alone. It takes a minute. If you did this before: browsers may delete a key that was not used for a while.',
  handOff: 'Use the key of my account page',
  noIssuer: 'This venue opens to no phone page. Please hold the QR of your app to the scanner.',
  enrol: 'Sign in and enrol',
  enrolOffline: 'Enrolling needs the Internet. Check the connection and try again.',
  enrolCancelled: 'Nothing was enrolled',
  enrolFailed: 'The phone could not be enrolled. Please try again.',
  replaced: 'Another phone is enrolled',
  replacedText:
    'A pass works on one phone only. To use it here, enrol this phone again; the other one is then signed off.',
  unreachable: 'The door does not answer',
  unreachableText:
    'Connect to the venue’s Wi-Fi and try again. If that fails, the QR opens the door at the scanner.',
  unreachableNoQr: 'Connect to the venue’s Wi-Fi and try again.',
  retry: 'Try again',
  failed: 'That did not work',
  failedText: 'Please try again in a moment. If it goes on, call the venue.',
  renew: 'Renew my pass',
  scanAgain: 'Please read the code at the door again',
  qr: 'Show the QR',
  visits: 'My visits',
  call: 'Call the venue',
  free: 'No charge',
  capped: 'capped',
};
