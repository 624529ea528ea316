# SPDX-License-Identifier: Apache-2.0
# Benchmarks: run by tests/bench/run, built by make check, so that none of them rots.

bench_programs += %D%/bench-handshake
%C%_bench_handshake_LDADD = libwire.a $(SODIUM_LIBS)

bench_programs += %D%/bench-handshake-bearssl
%C%_bench_handshake_bearssl_SOURCES = %D%/bench-handshake.c
%C%_bench_handshake_bearssl_LDADD = $(BEARSSL_PORT_LIBS)

bench_programs += %D%/bench-growth
bench_programs += %D%/bench-listen
%C%_bench_listen_SOURCES = %D%/bench-listen.c %D%/client.c %D%/client.h

bench_programs += %D%/bench-relay
%C%_bench_relay_SOURCES = %D%/bench-relay.c %D%/bare.c %D%/bare.h %D%/client.c %D%/client.h %D%/fleet.c %D%/fleet.h \
	%D%/virtual.c %D%/virtual.h

bench_programs += %D%/bench-frames
bench_programs += %D%/bench-read
bench_programs += %D%/bench-roll
bench_programs += %D%/bench-scan
bench_programs += %D%/bench-seed
%C%_bench_seed_SOURCES = %D%/bench-seed.c %D%/virtual.c %D%/virtual.h
bench_programs += %D%/bench-start
bench_programs += %D%/bench-store

# Links what enrolld links.
bench_programs += %D%/skeleton
%C%_skeleton_LDFLAGS = $(AM_LDFLAGS) -Wl,--no-as-needed
%C%_skeleton_LDADD = $(SODIUM_LIBS) $(INIH_LIBS) $(SQLITE_LIBS) $(MOSQUITTO_LIBS) $(JANSSON_LIBS) $(SYSTEMD_LIBS) -lm

if HAVE_LIBCBOR
bench_programs += %D%/bench-codec
%C%_bench_codec_SOURCES = %D%/bench-codec.c src/code/payload.c src/code/capability.c src/code/envelope.c src/code/text.c \
	src/program/program.c src/program/verify.c src/program/channel.c src/program/group.c src/program/presence.c \
	src/program/outline.c src/program/words.c \
	src/wire/cbor.c src/wire/utf8.c src/wire/value.c \
	src/wire/kdf.c src/wire/hmac.c src/wire/crypto-sodium.c
%C%_bench_codec_CPPFLAGS = $(RENAME_CPPFLAGS)
%C%_bench_codec_LDADD = libcbortest.a libreason.a $(LIBCBOR_LIBS) $(SODIUM_LIBS)
endif

EXTRA_DIST += \
	%D%/air \
	%D%/codec \
	%D%/corpus.py \
	%D%/crowd.py \
	%D%/device-size \
	%D%/growth \
	%D%/link \
	%D%/memory \
	%D%/plot.py \
	%D%/read \
	%D%/relay \
	%D%/run \
	%D%/scale \
	%D%/store \
	doc/growth.svg \
	doc/performance.md
