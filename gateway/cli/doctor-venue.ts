import { mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import type { GatewayConfig } from '../../shared/contract/config.ts';
import { openDatabase } from '../journal/database.ts';
import { freeBytesAt } from '../journal/disk-room.ts';
import { protocolsOf } from '../uplink/line.ts';
import { brokerUrls, connectionOptions } from '../uplink/mqtt.ts';
import { failed, notFitted, ok, type Finding, type Step, type Visit } from './doctor-step.ts';

const FREE_BYTES_MIN = 1024 ** 3;

/** What belongs to the gateway as a whole, in order. */
export const VENUE_STEPS: readonly Step<Visit>[] = [
  {
    name: 'clock',
    remedy:
      'Connect the network, fit the DS3231 (hardware/README), and wait for timedatectl to say "synchronized: yes".',
    run: ({ clock, config }) => {
      if (clock.trust() !== 'trusted') return failed('the clock is not synchronised');
      return ok(config.clock.source === 'host' ? 'vouched for by the configuration' : 'synchronised');
    },
  },
  {
    name: 'disk',
    remedy: 'Free the disk, or take a larger or healthier card.',
    run: ({ config }) => lookAtDisk(config),
  },
  {
    name: 'broker',
    remedy:
      'Check uplink.url, password, certificates and the network; the gateway works without, but nothing is billed.',
    run: ({ config }) => callBroker(config.uplink),
  },
];

function lookAtDisk(config: GatewayConfig): Finding {
  const folder = dirname(config.gateway.journal);
  let scratch: string | null = null;
  try {
    const freeBytes = freeBytesAt(folder);
    if (freeBytes === null) return failed(`${folder}: its file system does not say how much is free`);
    const free = `${(freeBytes / 1024 ** 3).toFixed(1)} GiB free`;
    if (freeBytes < FREE_BYTES_MIN) return failed(`${free}, 1 GiB is needed`);
    // Beside the journal, on the same disk; the journal itself belongs to the gateway.
    scratch = mkdtempSync(join(folder, '.doctor-'));
    openDatabase(join(scratch, 'probe.sqlite')).close();
    return ok(`${free}, synchronous=FULL`);
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  } finally {
    if (scratch !== null) rmSync(scratch, { recursive: true, force: true });
  }
}

async function callBroker(uplink: GatewayConfig['uplink']): Promise<Finding> {
  if (uplink === null) return notFitted('no uplink is configured');
  const found: Finding[] = [];
  for (const url of brokerUrls(uplink)) found.push(await callAt(url, uplink));
  const texts = found.map(({ detail }) => detail).join('; ');
  return found.every(({ status }) => status === 'ok') ? ok(texts) : failed(texts);
}

async function callAt(url: string, uplink: NonNullable<GatewayConfig['uplink']>): Promise<Finding> {
  let problem = '';
  for (const protocol of protocolsOf(uplink.protocol)) {
    let client: MqttClient | null = null;
    try {
      client = await mqtt.connectAsync(url, connectionOptions(uplink, protocol), false);
      return ok(`${url} accepts MQTT ${protocol === 5 ? '5' : '3.1.1'}`);
    } catch (error) {
      problem = error instanceof Error ? error.message || error.name : String(error);
    } finally {
      await client?.endAsync(true);
    }
  }
  return failed(`${url}: ${problem === '' ? 'no answer' : problem}`);
}
