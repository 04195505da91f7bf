// An ATmega328P in simavr, run by somebody else: `genkan-simavr <hex>`. Each line of the standard input is a command,
// each line of the output an event or the end of what was asked for. Times are cycles since the first power-on.
//
//     run <cycle>            runs until then, or until something happens; ends with ". <cycle>"
//     rx <hex>               bytes on the line to the board, which carries them one by one
//     in <port> <bit> <0|1>  the level that is wired to a pin
//     adc <channel> <mV>     the voltage at an analog input
//     reset <flags> <fill>   resets now, with MCUSR as given; fill: 1 if the RAM has lost its content
//     ram <hex>, eeprom <hex>  what they hold, from their first byte on
//     hang loop|everything
//
//     t <cycle> <hex>        the board has sent a byte
//     o <cycle> <port> <hex> the pins of this port that are driven high now
//     w <cycle>              the watchdog has bitten: a reset is due
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "avr_adc.h"
#include "avr_eeprom.h"
#include "avr_extint.h"
#include "avr_ioport.h"
#include "avr_uart.h"
#include "sim_avr.h"
#include "sim_hex.h"

enum {
  clockHz = 16000000,
  ramStart = 0x100,
  ramBytes = 2048,
  eepromBytes = 1024,
  mcusr = 0x54,
  wdtcsr = 0x60,
  watchdogFlag = 8,
  ports = 3,
  queueBytes = 65536,
};
// A byte of ten bits at 57,600 baud, in thirds of a cycle: it is no whole number of them.
enum { thirdsPerByte = 8333 };

static const char portNames[ports] = {'B', 'C', 'D'};
static const avr_io_addr_t portAt[ports] = {0x25, 0x28, 0x2B};

static avr_t *avr;
static uint8_t *code;
static uint32_t codeBytes, codeStart;
static uint8_t ram[ramBytes], eeprom[eepromBytes];
static avr_cycle_count_t before;
static uint8_t wiredMask[ports], wired[ports], driven[ports];
static uint32_t millivolts[8];
static bool happened, jamLoop, jamEverything;
static avr_run_t runOfAvr;

// Bytes on the line: simavr delivers a byte one byte's time after it was put in, so each goes in at its start bit.
static uint8_t queue[queueBytes];
static uint64_t queueThirds[queueBytes];
static unsigned queueFirst, queueCount;
static uint64_t lineFreeThirds;

static avr_cycle_count_t now(void) { return before + avr->cycle; }

static void silent(avr_t *of, const int level, const char *format, va_list ap) {
  (void)of, (void)level, (void)format, (void)ap;
}

static void noSleep(avr_t *of, avr_cycle_count_t howLong) { (void)of, (void)howLong; }

static void onSent(struct avr_irq_t *irq, uint32_t value, void *param) {
  (void)irq, (void)param;
  printf("t %llu %02X\n", (unsigned long long)now(), value & 0xFF);
  happened = true;
}

static void wire(unsigned port) {
  avr_ioport_external_t external = {.name = portNames[port], .mask = wiredMask[port], .value = wired[port]};
  avr_ioctl(avr, AVR_IOCTL_IOPORT_SET_EXTERNAL(portNames[port]), &external);
  for (unsigned bit = 0; bit < 8; ++bit) {
    if ((wiredMask[port] >> bit & 1) == 0) continue;
    avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ(portNames[port]), bit), wired[port] >> bit & 1);
  }
}

static void noticePins(void) {
  for (unsigned port = 0; port < ports; ++port) {
    const uint8_t high = avr->data[portAt[port]] & avr->data[portAt[port] - 1];
    if (high == driven[port]) continue;
    driven[port] = high;
    printf("o %llu %c %02X\n", (unsigned long long)now(), portNames[port], high);
    happened = true;
  }
}

static void writeRegister(avr_io_addr_t address, uint8_t value) {
  const avr_io_addr_t io = AVR_DATA_TO_IO(address);
  if (avr->io[io].w.c != NULL) avr->io[io].w.c(avr, address, value, avr->io[io].w.param);
}

/** A new chip around the old memories: simavr's own reset would clear the RAM. */
static void boot(uint8_t flags) {
  avr = avr_make_mcu_by_name("atmega328p");
  if (avr == NULL || avr_init(avr) != 0) exit(2);
  avr->frequency = clockHz;
  avr->vcc = avr->avcc = avr->aref = 5000;
  avr->sleep = noSleep;
  avr->run_cycle_limit = 1;
  // Or a low level at INT0 or INT1, which nobody uses as such, is looked at in every cycle.
  avr_extint_set_strict_lvl_trig(avr, 0, 0);
  avr_extint_set_strict_lvl_trig(avr, 1, 0);
  runOfAvr = avr->run;
  avr_loadcode(avr, code, codeBytes, codeStart);
  memcpy(avr->data + ramStart, ram, ramBytes);
  avr_eeprom_desc_t memory = {.ee = eeprom, .offset = 0, .size = eepromBytes};
  avr_ioctl(avr, AVR_IOCTL_EEPROM_SET, &memory);
  uint32_t uart = 0;
  avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &uart);
  avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT), onSent, NULL);
  for (unsigned port = 0; port < ports; ++port) wire(port);
  for (unsigned channel = 0; channel < 8; ++channel) {
    avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_ADC_GETIRQ, channel), millivolts[channel]);
  }
  avr->data[mcusr] = flags;
  if (flags == watchdogFlag) {
    // As on the chip, the watchdog that has just bitten runs on, with its shortest period.
    writeRegister(wdtcsr, 0x18);
    writeRegister(wdtcsr, 0x08);
  }
}

static void reset(uint8_t flags, bool fill) {
  before = now();
  if (!fill) memcpy(ram, avr->data + ramStart, ramBytes);
  avr_eeprom_desc_t memory = {.ee = NULL, .offset = 0, .size = eepromBytes};
  avr_ioctl(avr, AVR_IOCTL_EEPROM_GET, &memory);
  memcpy(eeprom, memory.ee, eepromBytes);
  avr_terminate(avr);
  jamLoop = jamEverything = false;
  boot(flags);
  noticePins();
}

/** Where the program is, it stays: a jump to itself. */
static void jam(void) {
  avr->flash[avr->pc] = 0xFF;
  avr->flash[avr->pc + 1] = 0xCF;
  avr->state = cpu_Running;
  jamLoop = jamEverything = false;
}

static void tryToHang(void) {
  if (jamEverything) {
    avr->sreg[S_I] = 0;
    jam();
  } else if (jamLoop && avr->sreg[S_I] != 0) {
    jam();
  }
}

static avr_cycle_count_t stopSleeping(avr_t *of, avr_cycle_count_t when, void *param) {
  (void)of, (void)when, (void)param;
  return 0;
}

static void deliver(void) {
  while (queueCount > 0 && queueThirds[queueFirst] <= (uint64_t)now() * 3) {
    avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_INPUT), queue[queueFirst]);
    queueFirst = (queueFirst + 1) % queueBytes;
    --queueCount;
  }
}

static void run(avr_cycle_count_t until) {
  avr_cycle_count_t alarm = 0;
  happened = false;
  while (now() < until && !happened) {
    deliver();
    avr_cycle_count_t next = until;
    if (queueCount > 0 && queueThirds[queueFirst] / 3 + 1 < next) next = queueThirds[queueFirst] / 3 + 1;
    // A sleeping chip skips to its next timer: one of them has to be ours.
    if (next != alarm) {
      avr_cycle_timer_cancel(avr, stopSleeping, NULL);
      avr_cycle_timer_register(avr, next > now() ? next - now() : 1, stopSleeping, NULL);
      alarm = next;
    }
    if (jamLoop || jamEverything) tryToHang();
    const int state = avr_run(avr);
    noticePins();
    if (avr->run != runOfAvr) {
      printf("w %llu\n", (unsigned long long)now());
      return;
    }
    if (state == cpu_Done || state == cpu_Crashed) {
      fprintf(stderr, "the program has ended by itself\n");
      exit(3);
    }
  }
  avr_cycle_timer_cancel(avr, stopSleeping, NULL);
}

static void receive(const char *hex) {
  if (lineFreeThirds < (uint64_t)now() * 3) lineFreeThirds = (uint64_t)now() * 3;
  unsigned byte;
  for (; sscanf(hex, "%2x", &byte) == 1; hex += 2) {
    if (queueCount == queueBytes) exit(4);
    const unsigned at = (queueFirst + queueCount++) % queueBytes;
    queue[at] = (uint8_t)byte;
    queueThirds[at] = lineFreeThirds;
    lineFreeThirds += thirdsPerByte;
  }
}

static void fill(uint8_t *memory, unsigned bytes, const char *hex) {
  unsigned byte;
  for (unsigned i = 0; i < bytes && sscanf(hex, "%2x", &byte) == 1; ++i, hex += 2) memory[i] = (uint8_t)byte;
}

static void obey(const char *line) {
  unsigned long long cycle;
  unsigned a, b;
  char port;
  if (sscanf(line, "run %llu", &cycle) == 1) {
    run(cycle);
  } else if (strncmp(line, "rx ", 3) == 0) {
    receive(line + 3);
  } else if (sscanf(line, "in %c %u %u", &port, &a, &b) == 3) {
    const unsigned at = (unsigned)(strchr("BCD", port) - "BCD");
    wiredMask[at] |= (uint8_t)(1 << a);
    wired[at] = (uint8_t)((wired[at] & ~(1 << a)) | b << a);
    if (avr != NULL) wire(at);
  } else if (sscanf(line, "adc %u %u", &a, &b) == 2) {
    millivolts[a & 7] = b;
    if (avr != NULL) avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_ADC_GETIRQ, a & 7), b);
  } else if (strncmp(line, "ram ", 4) == 0) {
    fill(ram, ramBytes, line + 4);
  } else if (strncmp(line, "eeprom ", 7) == 0) {
    fill(eeprom, eepromBytes, line + 7);
  } else if (sscanf(line, "reset %u %u", &a, &b) == 2) {
    if (avr == NULL) {
      boot((uint8_t)a);
    } else {
      reset((uint8_t)a, b != 0);
    }
  } else if (strncmp(line, "hang ", 5) == 0) {
    jamLoop = line[5] == 'l';
    jamEverything = line[5] == 'e';
  } else {
    exit(5);
  }
  if (avr != NULL) printf(". %llu\n", (unsigned long long)now());
  else printf(". 0\n");
  fflush(stdout);
}

int main(int argc, char **argv) {
  if (argc != 2) return 1;
  avr_global_logger_set(silent);
  code = read_ihex_file(argv[1], &codeBytes, &codeStart);
  if (code == NULL) return 1;
  memset(eeprom, 0xFF, eepromBytes);
  static char line[queueBytes * 2];
  while (fgets(line, sizeof line, stdin) != NULL) obey(line);
  return 0;
}
