# SPDX-License-Identifier: Apache-2.0
# Programs of other people against the hub. They come from the network, so `make check` leaves them out: ./check peers.

EXTRA_DIST += %D%/fetch %D%/package.json %D%/package-lock.json %D%/host.js %D%/client.js %D%/thing.py %D%/peers.py \
	%D%/iobroker %D%/mqttjs
