#include "supply.h"

#include "pins.h"

namespace {

constexpr uint8_t conversionsPerMean = 16;
// 5 V reference over 1,024 steps, times 11 for the divider 100 kΩ / 10 kΩ.
constexpr uint32_t fullScaleMv = 5000UL * 11;

uint16_t sum, mean;
uint8_t conversions;

}  // namespace

namespace supply {

void begin() {
  ADMUX = _BV(REFS0) | PIN_supplySense_BIT;
  DIDR0 = _BV(PIN_supplySense_BIT);
  ADCSRA = _BV(ADEN) | _BV(ADSC) | _BV(ADPS2) | _BV(ADPS1) | _BV(ADPS0);
}

void sample() {
  if ((ADCSRA & _BV(ADSC)) != 0) return;
  sum += ADC;
  if (++conversions == conversionsPerMean) {
    mean = static_cast<uint16_t>(sum * fullScaleMv / (1024UL * conversionsPerMean));
    sum = 0;
    conversions = 0;
  }
  ADCSRA |= _BV(ADSC);
}

uint16_t millivolts() { return mean; }

}  // namespace supply
