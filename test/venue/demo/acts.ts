import * as z from 'zod';
import { sideSchema } from '../../../shared/contract/primitives.ts';
import { CABLES } from './messages.ts';
import { CLOCK_STOPS } from './stops.ts';

/** Who can be sent to the demo's door. `forger` holds a pass of a key that nobody trusts. */
export const DEMO_MEMBERS = ['seat', 'room', 'guest', 'ticket', 'premium', 'forger'] as const;
export type DemoMember = (typeof DEMO_MEMBERS)[number];

/** Whose code is on a picture that somebody took. */
export const PHOTO = 'photo';

/** The guided tour. Each begins on a new morning with everything mended. */
export const SCENES = [
  'visit',
  'half-past-ten',
  'line-down',
  'power-cut',
  'forged',
  'photographed',
  'forgotten',
  'forced',
  'pi-dead',
] as const;
export type SceneName = (typeof SCENES)[number];

const on = z.boolean();

/** What the page can do to the venue: what people, weather, an installer and time do to a real one. */
export const actSchema = z.discriminatedUnion('act', [
  z.strictObject({ act: z.literal('scan'), who: z.enum([...DEMO_MEMBERS, PHOTO]), side: sideSchema }),
  z.strictObject({ act: z.literal('photograph'), who: z.enum(DEMO_MEMBERS) }),
  z.strictObject({ act: z.literal('pull') }),
  z.strictObject({ act: z.literal('prop') }),
  z.strictObject({ act: z.literal('push') }),
  z.strictObject({ act: z.literal('force') }),
  z.strictObject({ act: z.literal('press-exit') }),
  z.strictObject({ act: z.literal('fire'), on }),
  z.strictObject({ act: z.literal('tamper'), on }),
  z.strictObject({ act: z.literal('plug'), cable: z.enum(CABLES), on }),
  z.strictObject({ act: z.literal('board-power'), on }),
  z.strictObject({ act: z.literal('gateway-power'), on }),
  z.strictObject({ act: z.literal('line'), on }),
  z.strictObject({ act: z.literal('clock'), to: z.enum(CLOCK_STOPS) }),
  z.strictObject({ act: z.literal('begin'), scene: z.enum(SCENES) }),
]);
export type Act = z.infer<typeof actSchema>;

/** What became of an act, where that is not seen by itself. */
export interface ActResult {
  /** Somebody tried the door: whether it gave way. */
  readonly opened?: boolean;
  /** Bytes that went to the reader. */
  readonly bytes?: number;
}

/** Nothing came of an act, for a reason that the page can tell. */
export class ActRefused extends Error {
  readonly code: 'no-photo' | 'not-forwards' | 'gateway-failed';

  constructor(code: ActRefused['code'], message: string) {
    super(message);
    this.name = 'ActRefused';
    this.code = code;
  }
}
