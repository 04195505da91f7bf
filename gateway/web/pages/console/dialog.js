import { byId, element } from '../dom.js';
import { Refused } from './api.js';
import { texts } from './words.js';

/** Commands for which the gateway asks the password again. */
export const ASKS_AGAIN = new Set(['unlock', 'hold-open', 'lockdown', 'resume']);

/** A field of a form with its label. */
export function field(label, name, attributes = {}) {
  return element('label', {}, element('span', {}, label), element('input', { name, ...attributes }));
}

/** What went wrong, in words for the operator. */
export function told(error) {
  if (!(error instanceof Refused)) return texts.silent;
  return texts.refusals[error.code] ?? texts.refused(error.message);
}

/**
 * Asks before something is done, and tells what came of it in the same place.
 *
 * @param {{ title: string, text?: string, fields: HTMLElement[], act: (values: Record<string, string>) => Promise<{ tone: string, text: string }> }} what
 */
export function openDialog({ title, text = '', fields, act }) {
  const dialog = byId('dialog');
  const result = element('p', { class: 'result', role: 'status' });
  const confirm = element('button', { type: 'submit', class: 'main' }, texts.confirm);
  const cancel = element('button', { type: 'button' }, texts.cancel);
  const form = element(
    'form',
    {},
    element('h2', { id: 'dialog-title' }, title),
    ...(text === '' ? [] : [element('p', { class: 'hint' }, text)]),
    ...fields,
    result,
    element('div', { class: 'buttons' }, cancel, confirm),
  );
  cancel.addEventListener('click', () => dialog.close());
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    confirm.disabled = true;
    result.dataset.tone = 'plain';
    result.textContent = texts.working;
    try {
      const done = await act(Object.fromEntries(new FormData(form)));
      result.dataset.tone = done.tone;
      result.textContent = done.text;
      if (done.tone === 'good') {
        for (const input of form.querySelectorAll('label')) input.remove();
        confirm.remove();
        cancel.textContent = texts.close;
        cancel.focus();
        byId('said').textContent = done.text;
      }
    } catch (error) {
      result.dataset.tone = 'bad';
      result.textContent = told(error);
    } finally {
      confirm.disabled = false;
    }
  });
  dialog.replaceChildren(form);
  dialog.showModal();
}
