/** A gateway's journal and its line to the cloud. An event is taken when it is committed. */
import { join } from 'node:path';
import { Journal } from '../../../gateway/journal/journal.ts';
import { uplinkOf } from '../cloud-rig.ts';
import { GATEWAY, numbered, TIME_ZONE, type Place } from './venue-side.ts';

const { venue, epoch, folder, url, keys } = JSON.parse(process.argv[2] ?? '') as Place;
const journal = new Journal({
  path: join(folder, 'journal.sqlite'),
  venue,
  gateway: GATEWAY,
  timeZone: TIME_ZONE,
  birth: () => ({ epoch, leaseBase: 1 }),
});
const uplink = await uplinkOf(journal, { url, keys }, { venue });
uplink.start();
process.on('message', (event: number) => {
  journal.write((writer) => writer.append(numbered(event), Date.now(), 'trusted'));
  process.send?.(event);
});
process.send?.({ known: journal.lastSeq });
