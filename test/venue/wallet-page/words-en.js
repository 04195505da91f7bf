const clock = (instant) => instant.slice(11, 16).replace(/^0/, '');
const day = (instant) =>
  new Date(`${instant.slice(0, 10)}T00:00:00Z`).toLocaleDateString('en', {
    ...{ day: 'numeric', month: 'short', timeZone: 'UTC' },
  });
const plans = { basic: 'Basic ticket', premium: 'Premium ticket', corporate: 'Corporate ticket' };
const space = (id) => id.replace(/^seat-/, 'Seat ').replace(/^room-/, 'Room ');

/** Every text of the issuer's pages in English. */
export const words = {
  demo: 'Development',
  otherLanguage: '日本語',
  signIn: 'Which member are you?',
  signInText: 'This is a development issuer. There is no password.',
  reservation: ({ space: { id }, start, end }) =>
    `${space(id)}, ${day(start)}, ${clock(start)}–${clock(end)}`,
  ticket: ({ plan, used }) => `${plans[plan]} (${used} uses this period)`,
  nothing: 'No reservation and no ticket',
  hello: (name) => `Hello, ${name}`,
  enrolTitle: (venue) => `Use this phone at ${venue}?`,
  enrolText:
    'Your pass is tied to a key of this phone alone, which never leaves it. A phone that you enrolled before no longer works at this venue.',
  enrol: 'Enrol this phone',
  cancel: 'Cancel',
  entrance: (venue) => `To the entrance of ${venue}`,
  exit: (venue) => `To the exit of ${venue}`,
  thisPhone: 'This phone is enrolled',
  otherPhone: 'Another phone is enrolled',
  noPhone: 'No phone is enrolled',
  qr: 'Show the QR',
  shortQr: 'Show a short-lived QR',
  book: 'Book a seat (three hours from now)',
  signOut: 'Sign out',
  toWallet: 'To my account page',
  noKeyHere: 'This browser holds no key of yours',
  handedOver: 'Back to the door…',
  failed: 'That did not work',
  offline: 'The Internet cannot be reached.',
};
