// SPDX-License-Identifier: Apache-2.0
//
// MQTT.js as an MQTT 5 client that does what standard input says, a JSON object a line:
//
//     node client.js PEERS SOCKET
//
//     {"subscribe": TOPIC, "options": {...}}        {"publish": TOPIC, "payload": TEXT, "options": {...}}
//
// with MQTT.js's options, except that correlation data is text. Each line on standard output is an object: {"message":
// TOPIC, "payload", "retain", "qos", "properties"}, {"subscribed": TOPIC, "granted"}, {"published": TOPIC, "reason"} or
// {"connected": ...}.

'use strict';

const path = require('node:path');
const readline = require('node:readline');

const [peers, socket] = process.argv.slice(2);
const mqtt = require(path.join(peers, 'node_modules', 'mqtt'));

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

const readable = (properties) => ({
    ...properties,
    ...(properties?.correlationData && { correlationData: properties.correlationData.toString() }),
});

const client = mqtt.connect(`mqtt+unix://${socket}`, { protocolVersion: 5, reconnectPeriod: 200 });

client.on('connect', (connack) => say({ connected: connack.properties || {} }));
client.on('error', (error) => say({ error: String(error) }));
client.on('message', (topic, payload, { retain, qos, properties }) =>
    say({ message: topic, payload: payload.toString(), retain, qos, properties: readable(properties) })
);

readline.createInterface({ input: process.stdin }).on('line', (line) => {
    const { subscribe, publish, payload, options = {} } = JSON.parse(line);
    if (subscribe) {
        client.subscribe(subscribe, options, (error, granted) => say({ subscribed: subscribe, granted, error }));
        return;
    }
    const { properties } = options;
    if (properties?.correlationData) {
        properties.correlationData = Buffer.from(properties.correlationData);
    }
    client.publish(publish, payload, options, (error, packet) =>
        say({ published: publish, reason: packet?.reasonCode, error })
    );
});
