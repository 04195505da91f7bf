import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { textsIn } from '../../../gateway/messages/catalogue.ts';
import { denialReference } from '../../../gateway/messages/reference.ts';
import { DENIAL_REASONS } from '../../../shared/contract/denial.ts';

describe('the reference of denials', () => {
  it('is committed as it is generated', () => {
    expect(readFileSync(new URL('../../../gateway/DENIALS.md', import.meta.url), 'utf8')).toBe(
      denialReference(),
    );
  });

  it('has every reason once, in the order of precedence, with what is asked and told in both languages', () => {
    const sections = denialReference().split(/^## /m).slice(1);
    expect(sections.map((section) => /`([^`]+)`/.exec(section)?.[1])).toEqual([...DENIAL_REASONS]);
    for (const [index, reason] of DENIAL_REASONS.entries()) {
      for (const language of ['ja', 'en'] as const) {
        const { checks, denied } = textsIn(language);
        expect(sections[index]).toContain(checks[reason]);
        expect(sections[index]).toContain(`- ${language}: ${denied[reason]}`);
      }
    }
  });
});

describe('a text', () => {
  it('is another one for every reason, and Japanese where it should be', () => {
    const { checks, denied } = textsIn('ja');
    for (const texts of [checks, denied, textsIn('en').checks, textsIn('en').denied]) {
      expect(new Set(Object.values(texts)).size).toBe(DENIAL_REASONS.length);
    }
    for (const text of [...Object.values(checks), ...Object.values(denied)])
      expect(text).toMatch(/[\u3040-\u30ff]/);
  });
});
