# SPDX-License-Identifier: Apache-2.0
# Text, envelope, payload, issuers: one byte string becomes a verified payload.

noinst_LIBRARIES += libcode.a
libcode_a_SOURCES = \
	%D%/text.c %D%/text.h \
	%D%/envelope.c %D%/envelope.h \
	%D%/reference.c %D%/reference.h \
	%D%/paste.c %D%/paste.h \
	%D%/foreign.c %D%/foreign.h \
	%D%/capability.c %D%/capability.h \
	%D%/payload.c %D%/payload.h \
	%D%/issuer.c %D%/issuer.h \
	%D%/code.c %D%/code.h
