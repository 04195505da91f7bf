import * as z from 'zod';
import { json, operation, problems, text, type ApiRoute } from './route.ts';

export const readinessSchema = z.strictObject({
  status: z.enum(['ready', 'not-ready']).describe('Whether everybody who may come in can.'),
  checks: z
    .strictObject({
      journal: z.string().describe('`ok`, or the code of the fault of the journal.'),
      clock: z.enum(['trusted', 'holdover', 'untrusted']).describe('How far the clock is believed.'),
      doors: z.string().describe('`ok`, or the doors whose board does not answer.'),
    })
    .describe('Each part by name.'),
});

/** What machines ask. */
export const PROBES_API = {
  health: {
    method: 'GET',
    url: '/healthz',
    schema: {
      ...operation('anybody', '200 while the process answers.'),
      response: {
        200: json('It answers.', z.strictObject({ status: z.literal('ok').describe('Always `ok`.') })),
      },
    },
  },
  readiness: {
    method: 'GET',
    url: '/readyz',
    schema: {
      ...operation('anybody', '200 when everybody who may come in can; 503 otherwise, in the same form.'),
      response: {
        200: json('Everybody who may come in can.', readinessSchema),
        503: json('Somebody who may come in cannot.', readinessSchema),
      },
    },
  },
  metrics: {
    method: 'GET',
    url: '/metrics',
    schema: {
      ...operation('scraper', 'Figures for Prometheus.'),
      response: {
        200: text('The figures.', 'text/plain'),
        ...problems({ 401: ['metrics-token-needed'] }),
      },
    },
  },
  document: {
    method: 'GET',
    url: '/api/openapi.json',
    schema: {
      ...operation('anybody', 'This document.'),
      response: { 200: json('An OpenAPI 3.1 document.', z.looseObject({})) },
    },
  },
} as const satisfies Readonly<Record<string, ApiRoute>>;
