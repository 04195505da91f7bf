// Generated from hardware/pins.json by generate.ts; edit that.

/** Arduino Uno R3 / Nano (ATmega328P, 16 MHz): where every wire of the door is, and which level means active. */
export const pins = {
  /** D4: Lock relay K1 through its driver T1; R1, 10 kΩ to ground at the pin, keeps it off in reset. */
  lockRelay: { arduino: 'D4', port: 'D', bit: 4, direction: 'output', active: 'high', firmata: false },
  /** D2: Exit button (REX), to ground; internal pull-up beside R4. */
  exitButton: { arduino: 'D2', port: 'D', bit: 2, direction: 'input', active: 'low', firmata: false },
  /** D3: Fire panel, normally-closed loop to ground: an open loop is fire, so a cut wire releases. */
  fireInput: { arduino: 'D3', port: 'D', bit: 3, direction: 'input', active: 'high', firmata: false },
  /** D5: Door contact, closed to ground while the leaf is shut. */
  doorContact: { arduino: 'D5', port: 'D', bit: 5, direction: 'input', active: 'high', firmata: false },
  /** D6: Bolt or strike monitor, to ground while thrown. */
  boltSense: { arduino: 'D6', port: 'D', bit: 6, direction: 'input', active: 'low', firmata: false },
  /** D7: Enclosure switch, closed to ground while the lid is shut. */
  tamper: { arduino: 'D7', port: 'D', bit: 7, direction: 'input', active: 'high', firmata: false },
  /** D8: Second pole of K1, forcibly guided with the lock's: low while energised. */
  relayReadback: { arduino: 'D8', port: 'B', bit: 0, direction: 'input', active: 'low', firmata: false },
  /** D9: Granted. */
  greenLed: { arduino: 'D9', port: 'B', bit: 1, direction: 'output', active: 'high', firmata: false },
  /** D10: Denied. */
  redLed: { arduino: 'D10', port: 'B', bit: 2, direction: 'output', active: 'high', firmata: false },
  /** D11: Wait; blinks while the host is lost. */
  amberLed: { arduino: 'D11', port: 'B', bit: 3, direction: 'output', active: 'high', firmata: false },
  /** D12: Buzzer through a driver of A4. */
  buzzer: { arduino: 'D12', port: 'B', bit: 4, direction: 'output', active: 'high', firmata: false },
  /** D13: The board's own LED: free for Firmata. */
  statusLed: { arduino: 'D13', port: 'B', bit: 5, direction: 'output', active: 'high', firmata: true },
  /** A0: Lock supply through R12 100 kΩ and R13 10 kΩ: 1 V at the pin is 11 V. */
  supplySense: { arduino: 'A0', port: 'C', bit: 0, direction: 'analog', active: 'high', firmata: false },
} as const;

export type PinName = keyof typeof pins;
