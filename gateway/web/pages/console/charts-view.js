import { element } from '../dom.js';
import { instantAt } from '../venue-time.js';
import { ask } from './api.js';
import { barChart, lineChart } from './chart.js';
import { told } from './dialog.js';
import { day, minute, texts } from './words.js';

/** @import { StatisticsAnswer } from '../../answers.ts' */

/** Where people would rather look than read. @param {HTMLElement} main */
export function showCharts(main) {
  const place = element('div', { class: 'charts' });
  main.append(element('h1', {}, texts.chartsTitle), place);
  /** @param {string} title @param {HTMLElement} chart */
  const card = (title, chart) => element('section', { class: 'card' }, element('h2', {}, title), chart);
  /** @type {Promise<StatisticsAnswer>} */
  const asked = ask('/api/statistics?days=14');
  void asked
    .then(({ today, average, days, line }) => {
      place.append(
        card(
          texts.chartHours,
          barChart({
            labels: today.map((_, hour) => String(hour)),
            head: texts.hour,
            series: [
              { name: texts.chartToday, values: today },
              { name: texts.chartAverage, values: average, isFaint: true },
            ],
          }),
        ),
        card(
          texts.chartDays,
          barChart({
            labels: days.map(({ date }) => day(instantAt(`${date}T00:00`))),
            head: texts.date,
            series: [
              { name: texts.most, values: days.map(({ most }) => most) },
              { name: texts.visits, values: days.map(({ visits }) => visits), isFaint: true },
            ],
          }),
        ),
        card(
          texts.chartBacklog,
          lineChart({ points: line.map(({ atMs, backlog }) => [atMs, backlog]), label: minute }),
        ),
        card(
          texts.chartAge,
          lineChart({ points: line.map(({ atMs, oldestS }) => [atMs, oldestS]), label: minute }),
        ),
      );
    })
    .catch((/** @type {unknown} */ error) => place.append(element('p', { role: 'alert' }, told(error))));
}
