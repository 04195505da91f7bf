import * as z from 'zod';
import { commandClaimsSchema, commandResultSchema } from '../../../shared/contract/command.ts';
import { PASSWORD_LENGTH } from '../../operators/password.ts';
import { BODY_PROBLEMS, json, operation, problems, type ApiRoute } from './route.ts';

/** The gateway adds who, when and for how long. */
const ADDED = { jti: true, iat: true, exp: true, aud: true, by: true } as const;

const asked = {
  password: z
    .string()
    .max(PASSWORD_LENGTH.max)
    .optional()
    .describe(
      `The operator’s password once more, at most ${PASSWORD_LENGTH.max} characters. Needed to open a door or to shut anybody out.`,
    ),
};

const [atDoor, holdOpen, checkOut, correctStay, sync, replay] = commandClaimsSchema.options;

/** An operator's command as it is posted. */
const commandRequestSchema = z.discriminatedUnion('cmd', [
  atDoor.omit(ADDED).extend(asked),
  holdOpen.omit(ADDED).extend(asked),
  checkOut.omit(ADDED).extend(asked),
  correctStay.omit(ADDED).extend(asked),
  sync.omit(ADDED).extend(asked),
  replay.omit(ADDED).extend(asked),
]);

/** What operators order. */
export const COMMANDS_API = {
  order: {
    method: 'POST',
    url: '/api/commands',
    schema: {
      ...operation('operator', 'Orders a door or corrects a stay; answered with what the sensors saw.'),
      body: commandRequestSchema,
      response: {
        200: json('It was carried out.', commandResultSchema),
        409: json('It was refused.', commandResultSchema),
        ...problems({
          ...BODY_PROBLEMS,
          401: ['not-signed-in'],
          403: ['wrong-origin', 'role', 'password'],
          429: ['too-many-attempts'],
          503: ['busy', 'storage'],
        }),
      },
    },
  },
} as const satisfies Readonly<Record<string, ApiRoute>>;
