#pragma once
#include <stdint.h>

/** What hello and Firmata's firmware report say. The build id tells builds of one version apart. */
constexpr uint8_t firmwareMajor = 0, firmwareMinor = 4;
