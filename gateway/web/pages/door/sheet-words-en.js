/**
 * Every text of the sheets in English: the QR for the scanner, and a member's visits.
 *
 * @type {typeof import('./sheet-words-ja.js').words}
 */
export const words = {
  close: 'Close',
  qrTitle: 'Hold this to the scanner',
  qrText: 'It renews itself every 8 seconds. A brighter screen reads more easily.',
  qrLabel: 'QR code for the scanner',
  ongoing: 'Going on',
  ticketUse: 'One use of the ticket',
  noShow: 'Did not come',
  chargedSpan: (span) => `Charged ${span}`,
  noVisits: 'There are no visits yet.',
  visitsHere: (name) => `My visits at ${name}`,
  rules: {
    cancelled: 'Cancelled in time',
    'no-show-reserved': 'Not cancelled: as reserved',
    'forgotten-room-reserved': 'Check-out forgotten: as reserved',
    'forgotten-no-closing': 'Check-out forgotten: as reserved (under review)',
    'forgotten-seat-to-closing': 'Check-out forgotten: to closing time',
    reserved: 'As reserved',
    'h1t-shortened': 'Left early: the half hours that were used',
    'early-checkout-reserved': 'Left early: as reserved',
    'late-seat': 'Left late: further half hours added',
    'late-room-reserved': 'Meeting room: as reserved',
  },
  flags: {
    'checkin-missing': 'no check-in on record',
    'checkout-before-checkin': 'checked out before the check-in',
    'checkout-before-start': 'checked out before the start',
    'checkout-after-closing': 'checked out after closing',
    'cancel-rejected': 'cancelled too late',
    'cap-config-mismatch': 'cap under review',
    review: 'under review by the venue',
    'double-cover': 'another visit at the same time',
    'offline-renewal-assumed': 'renewal to be confirmed',
    'settled-late': 'settled later',
    'checkout-not-left': 'not seen to leave after the check-out',
    overstay: 'stayed past the end',
    'clock-untrusted': 'time to be confirmed',
    'tailgating-suspected': 'passage under review',
    'door-not-opened': 'the door was not seen to open',
  },
};
