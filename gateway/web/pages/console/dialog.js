import { byId, byIdAs, element } from '../dom.js';
import { Refused } from './api.js';
import { texts } from './words.js';

/** @typedef {{ tone: 'good' | 'warn' | 'bad', text: string }} Done `bad`: it may be tried again */

/** Commands for which the gateway asks the password again. */
export const ASKS_AGAIN = new Set(['unlock', 'hold-open', 'lockdown', 'resume']);

/**
 * A field of a form with its label.
 *
 * @param {string} label
 * @param {string} name
 * @param {Readonly<Record<string, string>>} [attributes]
 */
export function field(label, name, attributes = {}) {
  return element('label', {}, element('span', {}, label), element('input', { name, ...attributes }));
}

/**
 * The texts that stand in a form's fields.
 *
 * @param {HTMLFormElement} form
 * @returns {Record<string, string>}
 */
export const valuesOf = (form) =>
  Object.fromEntries(
    [...new FormData(form)].map(([name, value]) => [name, typeof value === 'string' ? value : value.name]),
  );

/** Why something was refused, in words for the operator. @param {string} code or what a command's result says */
export function refusalOf(code) {
  return texts.refusals[code] ?? texts.refused(texts.results[code] ?? code);
}

/** What went wrong, in words for the operator. @param {unknown} error */
export const told = (error) => (error instanceof Refused ? refusalOf(error.code) : texts.silent);

/**
 * Asks before something is done, and tells what came of it in the same place.
 *
 * @param {{ title: string, text?: string, fields: HTMLElement[], act: (values: Record<string, string>) => Promise<Done> }} what
 */
export function openDialog({ title, text = '', fields, act }) {
  const dialog = byIdAs('dialog', HTMLDialogElement);
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
  const submit = async () => {
    confirm.disabled = true;
    result.dataset.tone = 'plain';
    result.textContent = texts.working;
    try {
      const done = await act(valuesOf(form));
      result.dataset.tone = done.tone;
      result.textContent = done.text;
      if (done.tone !== 'bad') {
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
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void submit();
  });
  dialog.replaceChildren(form);
  dialog.showModal();
}
