const plans = { basic: 'Basic ticket', premium: 'Premium ticket', corporate: 'Corporate ticket' };
/** @param {string} id */
const space = (id) => id.replace(/^seat-/, 'Seat ').replace(/^room-/, 'Room ');

/**
 * Every text of the issuer's pages in English.
 *
 * @type {typeof import('./words-ja.js').words}
 */
export const words = {
  demo: 'Development',
  otherLanguage: '日本語',
  signIn: 'Which member are you?',
  signInText: 'This is a development issuer. There is no password.',
  reservation: (id, when) => `${space(id)}, ${when}`,
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
