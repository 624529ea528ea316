# SPDX-License-Identifier: Apache-2.0
# What a second implementation makes of the documents, and talks with over a socket.

test_programs += %D%/test-noise-vectors %D%/test-noise-vectors-bearssl
%C%_test_noise_vectors_CPPFLAGS = $(AM_CPPFLAGS) -DNOISE_VECTORS='"$(abs_top_srcdir)/%D%/noise-cacophony.json"'
%C%_test_noise_vectors_bearssl_SOURCES = %D%/test-noise-vectors.c
%C%_test_noise_vectors_bearssl_CPPFLAGS = $(%C%_test_noise_vectors_CPPFLAGS)
%C%_test_noise_vectors_bearssl_LDADD = $(BEARSSL_PORT_LIBS) libutil.a $(JANSSON_LIBS)

test_programs += %D%/test-vectors
%C%_test_vectors_SOURCES = \
	%D%/test-vectors.c \
	%D%/vector.c %D%/vector.h \
	%D%/vector-code.c \
	%D%/vector-link.c \
	%D%/vector-session.c \
	%D%/vector-device.c
%C%_test_vectors_CPPFLAGS = $(AM_CPPFLAGS) -DVECTORS='"$(abs_top_srcdir)/%D%/enrolld.json"'

TESTS += %D%/test-cddl %D%/test-generated %D%/test-interop
EXTRA_DIST += \
	%D%/README.md \
	%D%/cddl.py \
	%D%/device.py \
	%D%/enrolld.json \
	%D%/enrolld/__init__.py \
	%D%/enrolld/cbor.py \
	%D%/enrolld/code.py \
	%D%/enrolld/device.py \
	%D%/enrolld/half.py \
	%D%/enrolld/hub.py \
	%D%/enrolld/keys.py \
	%D%/enrolld/link.py \
	%D%/enrolld/message.py \
	%D%/enrolld/noise.py \
	%D%/enrolld/session.py \
	%D%/enrolld/text.py \
	%D%/generate.py \
	%D%/hub.py \
	%D%/key-schedule.py \
	%D%/noise-cacophony.json \
	%D%/stream.py \
	%D%/test-cddl \
	%D%/test-generated \
	%D%/test-interop
