# SPDX-License-Identifier: Apache-2.0
# What both ends agree on, in plain C99.

noinst_LIBRARIES += libwire.a
libwire_a_SOURCES = \
	%D%/crypto.h \
	%D%/utf8.c %D%/utf8.h \
	%D%/cbor.c %D%/cbor.h \
	%D%/value.c %D%/value.h \
	%D%/crypto-sodium.c \
	%D%/hmac.c %D%/hmac.h \
	%D%/kdf.c %D%/kdf.h \
	%D%/noise.c %D%/noise.h \
	%D%/fragment.c %D%/fragment.h \
	%D%/message.c %D%/message.h \
	%D%/session.c %D%/session.h
libwire_a_CFLAGS = $(C99_CFLAGS)
