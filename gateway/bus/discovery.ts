import packageJson from '../../package.json' with { type: 'json' };
import type { GatewayConfig } from '../../shared/contract/config.ts';
import { doorModeSchema } from '../../shared/contract/state.ts';
import { doorSetTopic, venueTopics } from '../../shared/contract/topics.ts';

/** Where Home Assistant looks for devices, unless its owner has changed it. */
export const DISCOVERY_PREFIX = 'homeassistant';

/** A retained message. */
export interface Announcement {
  readonly topic: string;
  readonly body: string;
}

export interface DiscoveryOptions {
  /** Whether locks can be commanded on this bus. In the cloud they cannot: a command there is signed. */
  readonly commands: boolean;
}

/**
 * What Home Assistant needs to show the venue: one device for the gateway, one for each door, grouped below it. Device
 * based discovery, https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload. What is unknown is
 * rendered as `None`, which Home Assistant shows as unknown.
 */
export function discoveryOf(
  { venue, gateway, doors, http }: Pick<GatewayConfig, 'venue' | 'gateway' | 'doors' | 'http'>,
  { commands }: DiscoveryOptions,
): readonly Announcement[] {
  const topics = venueTopics(venue.id);
  const hub = `genkan_${venue.id}`;
  const origin = { name: 'Genkan', sw_version: packageJson.version };
  const online = { topic: topics.gatewayState, value_template: onlineIf('value_json.online') };
  const shared = { origin, availability_mode: 'all', qos: 1 };
  const announce = (id: string, payload: object): Announcement => ({
    topic: `${DISCOVERY_PREFIX}/device/${id}/config`,
    body: JSON.stringify({ ...shared, ...payload }),
  });
  const doorDevices = doors.map(({ id }) => {
    const name = `${hub}_${id}`;
    const board = { topic: topics.doorState(id), value_template: '{{ value_json.controller }}' };
    return announce(name, {
      device: {
        identifiers: [name],
        name: `${venue.name} ${id}`,
        manufacturer: 'Genkan',
        model: 'Door controller',
        via_device: hub,
      },
      availability: [online, board],
      state_topic: topics.doorState(id),
      components: doorComponents(name, commands ? doorSetTopic(venue.id, id) : null),
    });
  });
  return [
    announce(hub, {
      device: {
        identifiers: [hub],
        name: venue.name,
        manufacturer: 'Genkan',
        model: `Gateway ${gateway.id}`,
        sw_version: packageJson.version,
        configuration_url: `${http.publicOrigin}/console`,
      },
      availability: [online],
      components: venueComponents(hub, topics.occupancy),
    }),
    ...doorDevices,
  ];
}

function doorComponents(door: string, setTopic: string | null) {
  const part = (platform: string, id: string, name: string | null, more: object) => ({
    [id]: { platform, unique_id: `${door}_${id}`, name, ...more },
  });
  const lock =
    setTopic === null
      ? part('binary_sensor', 'lock', 'Lock', {
          device_class: 'lock',
          value_template: onOff('value_json.lock', "value_json.lock == 'released'"),
        })
      : part('lock', 'lock', null, {
          command_topic: setTopic,
          payload_lock: 'LOCK',
          payload_unlock: 'UNLOCK',
          state_locked: 'secured',
          state_unlocked: 'released',
          value_template: '{{ value_json.lock }}',
          optimistic: false,
          retain: false,
        });
  return {
    ...lock,
    ...part('binary_sensor', 'leaf', 'Door', {
      device_class: 'door',
      value_template: onOff('value_json.leaf', "value_json.leaf == 'open'"),
    }),
    ...part('binary_sensor', 'alarm', 'Alarm', {
      device_class: 'problem',
      value_template: onOff('value_json.alarms', 'value_json.alarms | length > 0'),
    }),
    ...part('sensor', 'mode', 'Mode', {
      device_class: 'enum',
      options: doorModeSchema.options,
      value_template: '{{ value_json.mode }}',
    }),
  };
}

function venueComponents(venue: string, occupancy: string) {
  const part = (id: string, name: string, more: object) => ({
    [id]: {
      platform: 'sensor',
      unique_id: `${venue}_${id}`,
      name,
      state_topic: occupancy,
      value_template: `{{ value_json.${id} }}`,
      ...more,
    },
  });
  const count = { state_class: 'measurement' };
  return {
    ...part('inside', 'People inside', { ...count, icon: 'mdi:account-group' }),
    ...part('free', 'Free seats', { ...count, icon: 'mdi:seat' }),
    ...part('sign', 'Occupancy', { device_class: 'enum', options: ['○', '△', '×'] }),
  };
}

function onlineIf(condition: string): string {
  return `{{ 'online' if ${condition} else 'offline' }}`;
}

/** `None` while the value is unknown. */
function onOff(value: string, isOn: string): string {
  return `{{ None if ${value} is none else ('ON' if ${isOn} else 'OFF') }}`;
}
