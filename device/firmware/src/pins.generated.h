// Generated from hardware/pins.json by generate.ts; edit that.
#pragma once

// D4: Lock relay K1 through its driver T1; R1, 10 kΩ to ground at the pin, keeps it off in reset.
#define PIN_lockRelay_PORT PORTD
#define PIN_lockRelay_DDR DDRD
#define PIN_lockRelay_PIN PIND
#define PIN_lockRelay_BIT 4
#define PIN_lockRelay_NUMBER 4
#define PIN_lockRelay_ACTIVE_LOW 0
// D2: Exit button (REX), to ground; internal pull-up beside R4.
#define PIN_exitButton_PORT PORTD
#define PIN_exitButton_DDR DDRD
#define PIN_exitButton_PIN PIND
#define PIN_exitButton_BIT 2
#define PIN_exitButton_NUMBER 2
#define PIN_exitButton_ACTIVE_LOW 1
// D3: Fire panel, normally-closed loop to ground: an open loop is fire, so a cut wire releases.
#define PIN_fireInput_PORT PORTD
#define PIN_fireInput_DDR DDRD
#define PIN_fireInput_PIN PIND
#define PIN_fireInput_BIT 3
#define PIN_fireInput_NUMBER 3
#define PIN_fireInput_ACTIVE_LOW 0
// D5: Door contact, closed to ground while the leaf is shut.
#define PIN_doorContact_PORT PORTD
#define PIN_doorContact_DDR DDRD
#define PIN_doorContact_PIN PIND
#define PIN_doorContact_BIT 5
#define PIN_doorContact_NUMBER 5
#define PIN_doorContact_ACTIVE_LOW 0
// D6: Bolt or strike monitor, to ground while thrown.
#define PIN_boltSense_PORT PORTD
#define PIN_boltSense_DDR DDRD
#define PIN_boltSense_PIN PIND
#define PIN_boltSense_BIT 6
#define PIN_boltSense_NUMBER 6
#define PIN_boltSense_ACTIVE_LOW 1
// D7: Enclosure switch, closed to ground while the lid is shut.
#define PIN_tamper_PORT PORTD
#define PIN_tamper_DDR DDRD
#define PIN_tamper_PIN PIND
#define PIN_tamper_BIT 7
#define PIN_tamper_NUMBER 7
#define PIN_tamper_ACTIVE_LOW 0
// D8: Second pole of K1, forcibly guided with the lock's: low while energised.
#define PIN_relayReadback_PORT PORTB
#define PIN_relayReadback_DDR DDRB
#define PIN_relayReadback_PIN PINB
#define PIN_relayReadback_BIT 0
#define PIN_relayReadback_NUMBER 8
#define PIN_relayReadback_ACTIVE_LOW 1
// D9: Granted.
#define PIN_greenLed_PORT PORTB
#define PIN_greenLed_DDR DDRB
#define PIN_greenLed_PIN PINB
#define PIN_greenLed_BIT 1
#define PIN_greenLed_NUMBER 9
#define PIN_greenLed_ACTIVE_LOW 0
// D10: Denied.
#define PIN_redLed_PORT PORTB
#define PIN_redLed_DDR DDRB
#define PIN_redLed_PIN PINB
#define PIN_redLed_BIT 2
#define PIN_redLed_NUMBER 10
#define PIN_redLed_ACTIVE_LOW 0
// D11: Wait; blinks while the host is lost.
#define PIN_amberLed_PORT PORTB
#define PIN_amberLed_DDR DDRB
#define PIN_amberLed_PIN PINB
#define PIN_amberLed_BIT 3
#define PIN_amberLed_NUMBER 11
#define PIN_amberLed_ACTIVE_LOW 0
// D12: Buzzer through a driver of A4.
#define PIN_buzzer_PORT PORTB
#define PIN_buzzer_DDR DDRB
#define PIN_buzzer_PIN PINB
#define PIN_buzzer_BIT 4
#define PIN_buzzer_NUMBER 12
#define PIN_buzzer_ACTIVE_LOW 0
// D13: The board's own LED: free for Firmata.
#define PIN_statusLed_PORT PORTB
#define PIN_statusLed_DDR DDRB
#define PIN_statusLed_PIN PINB
#define PIN_statusLed_BIT 5
#define PIN_statusLed_NUMBER 13
#define PIN_statusLed_ACTIVE_LOW 0
// A0: Lock supply through R12 100 kΩ and R13 10 kΩ: 1 V at the pin is 11 V.
#define PIN_supplySense_PORT PORTC
#define PIN_supplySense_DDR DDRC
#define PIN_supplySense_PIN PINC
#define PIN_supplySense_BIT 0
#define PIN_supplySense_NUMBER 14
#define PIN_supplySense_ACTIVE_LOW 0
