#pragma once
#include <stdint.h>

// Our own messages to and from the host. What each means is in PROTOCOL.md.
namespace link {

/** Acts on the packed bytes of one frame of ours and answers it. */
void receive(const uint8_t *packed, uint8_t length);

/** Counts and answers a frame of ours that was cut off or too long. */
void receiveBroken();

void sendHello();

/** Sends what changed, as far as the transmit ring has room; the rest waits. */
void report();

/** Follows the door's state, and tells the host when it changes. Not before the inputs are known. */
void watchDoor();

/** Shows the present signal on lamps and buzzer. */
void showSignal();

}  // namespace link
