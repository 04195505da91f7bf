import { DENIAL_REASONS } from '../../shared/contract/denial.ts';
import { en } from './en.ts';
import { ja } from './ja.ts';

const HEAD = `# Why a door stays shut

Generated from \`shared/contract/denial.ts\` and \`gateway/messages\` by \`npm run generate\`; do not edit. The order is the
precedence: where several hold, the first is told. \`genkan decide\` prints the checks of one case in the order in which
they were made.
`;

/** The reference of every denial reason as Markdown: a reason without a text does not compile. */
export function denialReference(): string {
  const sections = DENIAL_REASONS.map((reason, index) =>
    [
      `## ${index + 1}. \`${reason}\``,
      '',
      `- Asked: ${en.checks[reason]} / ${ja.checks[reason]}`,
      `- ja: ${ja.denied[reason]}`,
      `- en: ${en.denied[reason]}`,
      '',
    ].join('\n'),
  );
  return `${HEAD}\n${sections.join('\n')}`;
}
