// SPDX-License-Identifier: Apache-2.0
//
// What ioBroker is to one adapter: a host that keeps its objects and states. The adapter of zigbee2mqtt is the one that
// npm delivers, unchanged; this file is in place of '@iobroker/adapter-core', which needs an installed ioBroker, and of
// 'sharp', which scales pictures that are not asked for here.
//
//     node host.js PEERS SOCKET BASE-TOPIC
//
// PEERS holds node_modules, SOCKET is the broker's. A line {"id": STATE, "val": VALUE} on standard input is what a user
// sets. Each line on standard output is an object with one of "object", "state" or "log".

'use strict';

const { EventEmitter } = require('node:events');
const Module = require('node:module');
const net = require('node:net');
const path = require('node:path');
const readline = require('node:readline');

const [peers, socket, baseTopic] = process.argv.slice(2);
const home = path.join(peers, 'node_modules', 'iobroker.zigbee2mqtt');
const { native } = require(path.join(home, 'io-package.json'));

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

// ioBroker's patterns: '*' stands for any characters.
const matches = (pattern, id) =>
    new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*')}$`).test(id);

class Adapter extends EventEmitter {
    constructor(options) {
        super();
        Object.assign(this, { name: options.name, instance: 0, namespace: `${options.name}.0`, config: options.config });
        this.objects = new Map();
        this.states = new Map();
        this.subscriptions = new Set();
        this.log = {};
        for (const level of ['debug', 'info', 'warn', 'error']) {
            this.log[level] = (text) => say({ log: level, text: String(text) });
        }
        setImmediate(() => this.emit('ready'));
    }

    full(id) {
        return id.startsWith(`${this.namespace}.`) ? id : `${this.namespace}.${id}`;
    }

    short(id) {
        return this.full(id).slice(this.namespace.length + 1);
    }

    // --- objects ---

    async setObjectAsync(id, object) {
        this.objects.set(this.full(id), object);
        say({ object: this.short(id), type: object.type, common: object.common });
    }

    async setObjectNotExistsAsync(id, object) {
        if (!this.objects.has(this.full(id))) {
            await this.setObjectAsync(id, object);
        }
    }

    async extendObjectAsync(id, object) {
        const before = this.objects.get(this.full(id)) || {};
        await this.setObjectAsync(id, {
            ...before,
            ...object,
            common: { ...before.common, ...object.common },
            native: { ...before.native, ...object.native },
        });
    }

    async getForeignObjectsAsync(pattern) {
        return Object.fromEntries([...this.objects].filter(([id]) => matches(pattern, id)));
    }

    async getDevicesAsync() {
        return [...this.objects].filter(([, o]) => o.type === 'device').map(([_id, o]) => ({ _id, ...o }));
    }

    async delForeignObjectAsync(id) {
        this.objects.delete(id);
    }

    // --- states ---

    async setState(id, value, ack) {
        const state = { val: value, ack: ack === true };
        this.states.set(this.full(id), state);
        say({ state: this.short(id), ...state });
        if ([...this.subscriptions].some((pattern) => matches(pattern, this.full(id)))) {
            this.emit('stateChange', this.full(id), state);
        }
    }

    async setStateChangedAsync(id, value, ack) {
        const before = this.states.get(this.full(id));
        if (!before || before.val !== value || before.ack !== ack) {
            await this.setState(id, value, ack);
        }
    }

    async getStateAsync(id) {
        return this.states.get(this.full(id)) || null;
    }

    async getStatesAsync(pattern) {
        return Object.fromEntries([...this.states].filter(([id]) => matches(this.full(pattern), id)));
    }

    subscribeStates(pattern) {
        this.subscriptions.add(this.full(pattern));
    }

    unsubscribeStates(pattern) {
        for (const one of this.subscriptions) {
            if (matches(this.full(pattern), one)) {
                this.subscriptions.delete(one);
            }
        }
    }

    setTimeout(...words) {
        return setTimeout(...words);
    }

    clearTimeout(timer) {
        clearTimeout(timer);
    }
}

const stubs = { '@iobroker/adapter-core': { Adapter }, sharp: () => { throw new Error('no pictures here'); } };
const load = Module._load;
Module._load = (name, ...rest) => (Object.hasOwn(stubs, name) ? stubs[name] : load(name, ...rest));

// The adapter knows brokers by host and port only.
const door = net.createServer((client) => {
    const broker = net.connect(socket);
    for (const [one, other] of [[client, broker], [broker, client]]) {
        one.on('error', () => other.destroy());
        one.on('close', () => other.destroy());
        one.pipe(other);
    }
});
door.listen(0, '127.0.0.1', () => {
    const config = {
        ...native,
        connectionType: 'exmqtt',
        externalMqttServerIP: '127.0.0.1',
        externalMqttServerPort: door.address().port,
        baseTopic,
    };
    const adapter = require(home)({ config });
    readline.createInterface({ input: process.stdin }).on('line', (line) => {
        const { id, val } = JSON.parse(line);
        adapter.setState(id, val, false);
    });
});
