import { describe, expect, it } from 'vitest';
import { EmulatedDoor } from '../../device/emulator/door.ts';
import { protocol } from '../../device/protocol.generated.ts';
import type { DoorState, EgressSensing, MessageFields } from '../../device/protocol.generated.ts';
import type { Bench, Rig } from './firmware-rig.ts';

const { lockToleranceMs } = protocol.limits;
type Settings = Omit<MessageFields['settings-write'], 'bootNonce'>;

/** The shortest times that may be set, so that the scenarios are short too. */
const QUICK: Settings = {
  exitButtonMs: protocol.limits.exitButtonMsMin,
  doorOpenS: protocol.limits.doorOpenSMin,
  egressSensing: 'button',
  buzzer: true,
  monitored: ['contact', 'bolt', 'relay-readback'],
  lockToleranceMs,
};

/** What is promised of the door's state and of the settings, of the firmware on whatever board the bench has. */
export function stateScenarios(bench: Bench): void {
  const write = (rig: Rig, settings: Partial<Settings> = {}): string =>
    rig.ask('settings-write', { bootNonce: rig.bootNonce, ...QUICK, ...settings });

  /** A door that has been set up, shut and secured. */
  function door(egressSensing: EgressSensing = 'button'): {
    rig: Rig;
    leaf: EmulatedDoor;
    told: () => DoorState[];
  } {
    const rig = bench.booted();
    const leaf = new EmulatedDoor(rig.board);
    write(rig, { egressSensing });
    rig.board.runFor(100);
    const from = rig.all('door').length;
    return {
      rig,
      leaf,
      told: () =>
        rig
          .all('door')
          .slice(from)
          .map(({ doorState }) => doorState),
    };
  }

  describe('the state of the door', () => {
    it('goes with a member through unlocking and unlocked to opened, and back to secured', () => {
      const { rig, leaf, told } = door();
      rig.lease(1, 1000);
      rig.board.runFor(300);
      leaf.pull();
      rig.board.runFor(1500);
      leaf.push();
      rig.board.runFor(100);
      expect(told()).toEqual(['unlocking', 'unlocked', 'opened', 'secured']);
      expect(rig.status()).toMatchObject({ doorState: 'secured', faults: [] });
    });

    it.each(['button', 'handle-switch'] as const)(
      'with %s is forced open within 500 ms of an opening without a cause',
      (sensing) => {
        const { rig, leaf, told } = door(sensing);
        leaf.force();
        rig.board.runFor(500);
        expect(told()).toEqual(['forced-open']);
        leaf.push();
        rig.board.runFor(100);
        expect(told()).toEqual(['forced-open', 'secured']);
      },
    );

    it('with none is opened, and nobody knows why', () => {
      const { rig, leaf, told } = door('none');
      leaf.force();
      rig.board.runFor(500);
      expect(told()).toEqual(['opened']);
      expect(rig.status()).toMatchObject({ causes: [] });
    });

    it('with handle-switch is opened if the switch of the handle is read after the contact', () => {
      const { rig, leaf, told } = door('handle-switch');
      leaf.force();
      rig.board.runFor(150);
      leaf.pressExit(100);
      rig.board.runFor(500);
      expect(told()).toEqual(['opened']);
    });

    it('becomes held open after the time that is set, with the buzzer from the last third on', () => {
      const { rig, leaf, told } = door();
      const tonesMs: number[] = [];
      rig.lease(1, 200);
      rig.board.runFor(100);
      leaf.pull();
      const opened = rig.board.ms;
      rig.board.onPin('buzzer', (level) => level && tonesMs.push(rig.board.ms - opened));
      rig.board.runFor(QUICK.doorOpenS * 1000 - 100);
      expect(told().at(-1)).toBe('opened');
      expect(tonesMs.length).toBeGreaterThanOrEqual(1);
      expect(tonesMs[0]).toBeGreaterThan((QUICK.doorOpenS * 1000 * 2) / 3);
      rig.board.runFor(1200);
      expect(told().at(-1)).toBe('held-open');
      leaf.push();
      rig.board.runFor(100);
      const silent = tonesMs.length;
      rig.board.runFor(1000);
      expect(told().at(-1)).toBe('secured');
      expect(tonesMs).toHaveLength(silent);
    });

    it('in a fire may stand open for as long as it burns', () => {
      const { rig, leaf, told } = door();
      rig.board.setInput('fire', true);
      rig.board.runFor(300);
      leaf.pull();
      rig.board.runFor(QUICK.doorOpenS * 1000 + 1000);
      expect(told()).toEqual(['unlocking', 'unlocked', 'opened']);
    });

    it.each([
      ['relay-readback', 'relay', true],
      ['bolt', 'bolt', false],
    ] as const)('is a lock fault once %s has been wrong for a second', (sense, fault, released) => {
      const { rig, leaf, told } = door();
      leaf.wire(sense, false);
      if (released) rig.lease(1, 3000);
      rig.board.runFor(lockToleranceMs - 100);
      expect(told()).not.toContain('lock-fault');
      rig.board.runFor(300);
      expect(rig.status()).toMatchObject({ doorState: 'lock-fault', faults: [fault] });
      leaf.wire(sense, true);
      rig.board.runFor(100);
      expect(rig.status()).toMatchObject({ doorState: released ? 'unlocked' : 'secured', faults: [] });
    });

    it('is what it finds at boot: an open door is opened, not forced', () => {
      const { rig, leaf } = door();
      leaf.force();
      rig.board.runFor(500);
      rig.board.reset('external');
      rig.greeting();
      rig.board.runFor(1000);
      expect(rig.status().doorState).toBe('opened');
    });
  });

  describe('the settings', () => {
    const read = (rig: Rig): MessageFields['settings'] => {
      rig.send('settings-request', {});
      return rig.next('settings');
    };

    it('of an erased EEPROM are the defaults, and not stored', () => {
      expect(read(bench.booted())).toEqual({
        exitButtonMs: protocol.limits.exitButtonMs,
        doorOpenS: protocol.limits.doorOpenS,
        egressSensing: 'none',
        buzzer: true,
        monitored: ['contact', 'bolt', 'relay-readback'],
        lockToleranceMs,
        stored: false,
      });
    });

    it('act at once, are told when they are stored, and outlive a loss of power', () => {
      const rig = bench.booted();
      expect(write(rig)).toBe('accepted');
      expect(rig.next('settings', 200)).toEqual({ ...QUICK, stored: true });
      rig.board.reset('power-on');
      rig.greeting();
      expect(read(rig)).toEqual({ ...QUICK, stored: true });
      rig.board.setInput('exit-button', true);
      rig.board.runFor(100);
      rig.board.setInput('exit-button', false);
      rig.board.runFor(QUICK.exitButtonMs);
      expect(rig.pulseMs()).toBeLessThan(QUICK.exitButtonMs + 50);
    });

    it('are the former ones, whole, if the power goes while new ones are written', () => {
      const rig = bench.booted();
      write(rig);
      rig.next('settings', 200);
      for (let ms = 1; ms < 45; ms += 4) {
        write(rig, { exitButtonMs: 20_000 + ms, doorOpenS: 1000 + ms });
        rig.board.runFor(ms);
        rig.board.reset('power-on');
        rig.greeting();
        const { exitButtonMs, doorOpenS, stored } = read(rig);
        expect(stored).toBe(true);
        expect([
          [QUICK.exitButtonMs, QUICK.doorOpenS],
          [20_000 + ms, 1000 + ms],
        ]).toContainEqual([exitButtonMs, doorOpenS]);
        write(rig);
        rig.next('settings', 200);
      }
    });

    it.each([
      ['an exit button of half a second', { exitButtonMs: 500 }],
      ['an exit button of more than 30 s', { exitButtonMs: 30_001 }],
      ['a door that may never stand open', { doorOpenS: 0 }],
      ['a sense that is none', { monitored: ['fire'] }],
      ['a lock that may take 11 s', { lockToleranceMs: 11_000 }],
    ] as const)('are refused whole with %s', (_, settings) => {
      const rig = bench.booted();
      expect(write(rig, settings)).toBe('out-of-range');
      rig.board.runFor(200);
      expect(read(rig)).toMatchObject({ stored: false, exitButtonMs: protocol.limits.exitButtonMs });
    });

    it('of another boot are refused', () => {
      const rig = bench.booted();
      const bootNonce = (rig.bootNonce ^ 1) >>> 0;
      expect(rig.ask('settings-write', { ...QUICK, bootNonce })).toBe('stale-boot');
    });

    it('can silence the buzzer, and nothing else', () => {
      const rig = bench.booted();
      write(rig, { buzzer: false });
      rig.ask('signal', { signal: 'denied' });
      let tones = 0;
      rig.board.onPin('buzzer', () => (tones += 1));
      rig.board.runFor(500);
      expect(tones).toBe(0);
      expect(rig.board.pin('redLed')).toBe(true);
    });
  });

  describe('the last lease', () => {
    it('is none until one is obeyed, and is told after it has ended', () => {
      const rig = bench.booted();
      expect(rig.status().leasesObeyed).toBe(0);
      rig.ask('lease', { bootNonce: 1, fence: 0, leaseId: 70, durationMs: 500 });
      expect(rig.status().leasesObeyed).toBe(0);
      rig.lease(71, 200);
      rig.board.runFor(1000);
      expect(rig.status()).toMatchObject({ leaseId: 0, leasesObeyed: 1, lastLeaseId: 71 });
      rig.lease(71, 200);
      expect(rig.status().leasesObeyed).toBe(1);
      rig.board.reset('external');
      rig.greeting();
      expect(rig.status().leasesObeyed).toBe(0);
    });
  });
}
