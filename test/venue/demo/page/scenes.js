/**
 * The guided tour: what each step does. Its words stand in the catalogues under the same names, one `say` before each
 * step and one after the last.
 *
 * @typedef {import('../acts.ts').Act | { act: 'preview', who: import('./phone.js').Holder } | { act: 'secured' }} Doing
 *   an act on the venue; a look at the price; waiting until the lock is secured again
 *
 * @type {Readonly<Record<import('../acts.ts').SceneName, readonly { acts: readonly Doing[] }[]>>}
 */
export const SCENES = {
  visit: [
    step({ act: 'clock', to: '09:00' }),
    step({ act: 'scan', who: 'seat', side: 'entry' }),
    step({ act: 'pull' }),
    step({ act: 'clock', to: '12:00' }),
    step({ act: 'scan', who: 'seat', side: 'exit' }),
    step({ act: 'pull' }),
  ],
  'half-past-ten': [
    step({ act: 'clock', to: '09:00' }, { act: 'scan', who: 'seat', side: 'entry' }),
    step({ act: 'pull' }),
    step({ act: 'clock', to: '10:29:50' }, { act: 'preview', who: 'seat' }),
    step({ act: 'clock', to: '10:30:00' }, { act: 'preview', who: 'seat' }),
    step({ act: 'scan', who: 'seat', side: 'exit' }),
    step({ act: 'pull' }),
  ],
  'line-down': [
    step({ act: 'clock', to: '09:00' }, { act: 'line', on: false }),
    step({ act: 'scan', who: 'seat', side: 'entry' }),
    step({ act: 'pull' }),
    step({ act: 'clock', to: '10:30:00' }, { act: 'scan', who: 'seat', side: 'exit' }),
    step({ act: 'pull' }),
    step({ act: 'line', on: true }),
  ],
  'power-cut': [
    step({ act: 'clock', to: '09:00' }, { act: 'scan', who: 'seat', side: 'entry' }),
    step({ act: 'gateway-power', on: false }),
    step({ act: 'pull' }),
    step({ act: 'gateway-power', on: true }),
    step({ act: 'clock', to: '12:00' }, { act: 'scan', who: 'seat', side: 'exit' }),
    step({ act: 'pull' }),
  ],
  forged: [
    step({ act: 'clock', to: '09:00' }),
    step({ act: 'scan', who: 'forger', side: 'entry' }),
    step({ act: 'pull' }),
    step({ act: 'scan', who: 'seat', side: 'entry' }),
    step({ act: 'pull' }),
  ],
  photographed: [
    step({ act: 'clock', to: '09:00' }, { act: 'photograph', who: 'seat' }),
    step({ act: 'scan', who: 'seat', side: 'entry' }),
    step({ act: 'pull' }),
    step({ act: 'secured' }, { act: 'clock', to: '+1m' }, { act: 'scan', who: 'photo', side: 'entry' }),
    step({ act: 'pull' }),
  ],
  forgotten: [
    step({ act: 'clock', to: '09:00' }, { act: 'scan', who: 'seat', side: 'entry' }),
    step({ act: 'pull' }),
    step({ act: 'press-exit' }),
    step({ act: 'pull' }),
    step({ act: 'clock', to: 'past-closing' }),
  ],
  forced: [step({ act: 'force' }), step({ act: 'push' })],
  'pi-dead': [
    step({ act: 'gateway-power', on: false }),
    step({ act: 'pull' }),
    step({ act: 'press-exit' }),
    step({ act: 'pull' }),
    step({ act: 'gateway-power', on: true }),
  ],
};

/** @param {...Doing} acts */
function step(...acts) {
  return { acts };
}
