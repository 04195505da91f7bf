import { describe, expect, it } from 'vitest';
import { discoveryOf, DISCOVERY_PREFIX } from '../../../gateway/bus/discovery.ts';
import { doorModeSchema } from '../../../shared/contract/state.ts';
import { exampleConfig } from '../example.ts';

/**
 * What Home Assistant's MQTT integration knows; it refuses a payload with anything else. Source: home-assistant/core,
 * homeassistant/components/mqtt: schemas.py (DEVICE_DISCOVERY_SCHEMA, MQTT_ENTITY_DEVICE_INFO_SCHEMA,
 * MQTT_ORIGIN_INFO_SCHEMA, MQTT_AVAILABILITY_LIST_SCHEMA), lock.py, binary_sensor.py, sensor.py.
 */
const KNOWN = {
  payload: ['device', 'origin', 'components', 'availability', 'availability_mode', 'state_topic', 'qos'],
  device: ['identifiers', 'name', 'manufacturer', 'model', 'sw_version', 'via_device', 'configuration_url'],
  origin: ['name', 'sw_version', 'support_url'],
  availability: ['topic', 'payload_available', 'payload_not_available', 'value_template'],
  entity: ['platform', 'unique_id', 'name', 'icon', 'state_topic', 'value_template', 'device_class'],
  lock: [
    'command_topic',
    'payload_lock',
    'payload_unlock',
    'state_locked',
    'state_unlocked',
    'optimistic',
    'retain',
  ],
  binary_sensor: ['payload_on', 'payload_off', 'off_delay', 'expire_after', 'force_update'],
  sensor: ['state_class', 'options', 'unit_of_measurement', 'expire_after', 'force_update'],
} as const;

/** Device classes that are used here and exist (binary_sensor/__init__.py, sensor/const.py). */
const CLASSES: Readonly<Record<string, readonly unknown[]>> = {
  lock: [undefined],
  binary_sensor: ['door', 'problem', 'lock'],
  sensor: [undefined, 'enum'],
};

interface Payload {
  readonly device: { readonly identifiers: readonly string[]; readonly via_device?: string };
  readonly origin: object;
  readonly availability: readonly object[];
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const config = exampleConfig();
const [lockless, full] = [false, true].map((commands) => discoveryOf(config, { commands }));
const payloads = (found = full) => (found ?? []).map(({ body }) => JSON.parse(body) as Payload);
const components = (found = full) => payloads(found).flatMap((payload) => Object.values(payload.components));

const within = (object: object, known: readonly string[]) =>
  Object.keys(object).filter((key) => !known.includes(key));

describe('the discovery for Home Assistant', () => {
  it('holds only what its MQTT integration knows', () => {
    for (const payload of [...payloads(), ...payloads(lockless)]) {
      expect(within(payload, KNOWN.payload)).toEqual([]);
      expect(within(payload.device, KNOWN.device)).toEqual([]);
      expect(within(payload.origin, KNOWN.origin)).toEqual([]);
      for (const source of payload.availability) expect(within(source, KNOWN.availability)).toEqual([]);
    }
    for (const component of [...components(), ...components(lockless)]) {
      const platform = component['platform'] as 'lock' | 'binary_sensor' | 'sensor';
      expect(within(component, [...KNOWN.entity, ...KNOWN[platform]])).toEqual([]);
      expect(CLASSES[platform]).toContain(component['device_class']);
    }
  });

  it('groups the doors below their gateway, under names that nothing else bears', () => {
    const [gateway, ...doors] = payloads();
    expect(doors.map(({ device }) => device.via_device)).toEqual(gateway?.device.identifiers);
    const ids = components().map((component) => component['unique_id']);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { topic } of full ?? [])
      expect(topic).toMatch(new RegExp(`^${DISCOVERY_PREFIX}/device/[A-Za-z0-9_-]+/config$`));
  });

  it('names a lock that can be commanded on the venue’s own bus, and only shows it in the cloud', () => {
    const locks = (found = full) =>
      components(found).filter((component) => String(component['unique_id']).endsWith('_lock'));
    expect(locks().map((component) => [component['platform'], component['command_topic']])).toEqual([
      ['lock', 'genkan/v1/shibuya-1/doors/front/set'],
    ]);
    expect(locks(lockless).map((component) => component['platform'])).toEqual(['binary_sensor']);
    expect(JSON.stringify(lockless)).not.toContain('command_topic');
  });

  it('knows every mode of a door', () => {
    const mode = components().find((component) => String(component['unique_id']).endsWith('_mode'));
    expect(mode?.['options']).toEqual(doorModeSchema.options);
  });
});
