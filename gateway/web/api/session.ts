import * as z from 'zod';
import { slugSchema } from '../../../shared/contract/primitives.ts';
import { roleSchema } from '../../operators/accounts.ts';
import { PASSWORD_LENGTH } from '../../operators/password.ts';
import { BODY_PROBLEMS, json, NOTHING, operation, problems, type ApiRoute } from './route.ts';

const { min, max } = PASSWORD_LENGTH;

const signInSchema = z.strictObject({
  name: z.string().min(1).max(64).describe('The operator’s name, 1 to 64 characters.'),
  password: z.string().min(1).max(max).describe(`The password, 1 to ${max} characters.`),
  newPassword: z
    .string()
    .min(min)
    .max(max)
    .optional()
    .describe(
      `Takes the place of the other from now on, ${min} to ${max} characters. Needed with a one-time password.`,
    ),
});

export const sessionSchema = z.strictObject({
  name: slugSchema.describe('The operator’s name.'),
  role: roleSchema.describe('What the operator may do. Each may do what the one before it may.'),
});
const nobodySchema = z.strictObject({
  name: z.null().describe('Nobody is signed in.'),
  role: z.null().describe('So there is no role.'),
});

const whoSchema = z.union([sessionSchema, nobodySchema]);

/** Signing in and out. */
export const SESSION_API = {
  signIn: {
    method: 'POST',
    url: '/api/session',
    schema: {
      ...operation(
        'anybody',
        'Signs in. The session is a cookie. A one-time password needs `newPassword` beside it.',
      ),
      body: signInSchema,
      response: {
        200: json('Signed in.', sessionSchema),
        ...problems({
          ...BODY_PROBLEMS,
          401: ['wrong-credentials'],
          403: ['wrong-origin', 'new-password'],
          429: ['too-many-attempts'],
          503: ['busy', 'storage'],
        }),
      },
    },
  },
  who: {
    method: 'GET',
    url: '/api/session',
    schema: {
      ...operation('anybody', 'Who is signed in.'),
      response: { 200: json('The operator, or nobody.', whoSchema) },
    },
  },
  signOut: {
    method: 'DELETE',
    url: '/api/session',
    schema: {
      ...operation('anybody', 'Signs out.'),
      response: { 204: NOTHING, ...problems({ ...BODY_PROBLEMS, 403: ['wrong-origin'] }) },
    },
  },
} as const satisfies Readonly<Record<string, ApiRoute>>;
