# SPDX-License-Identifier: Apache-2.0
# enroll-code, for makers and installers.

noinst_LIBRARIES += libtool.a
libtool_a_SOURCES = \
	%D%/argument.c %D%/argument.h \
	%D%/key.c %D%/key.h \
	%D%/card.c %D%/card.h \
	%D%/errors.c %D%/errors.h \
	%D%/functions.c %D%/functions.h \
	%D%/choice.c %D%/choice.h \
	%D%/yaml.c %D%/yaml.h \
	%D%/operand.c %D%/operand.h \
	%D%/decimal.c %D%/decimal.h \
	%D%/duration.c %D%/duration.h \
	%D%/channel.c %D%/channel.h \
	%D%/presence.c %D%/presence.h \
	%D%/group.c %D%/group.h \
	%D%/step.c %D%/step.h \
	%D%/half.c %D%/half.h \
	%D%/source.c %D%/source.h \
	%D%/listing.c %D%/listing.h \
	%D%/complaint.c %D%/complaint.h \
	%D%/making.c %D%/making.h \
	%D%/picture.c %D%/picture.h \
	%D%/qr.c %D%/qr.h \
	%D%/show.c %D%/show.h \
	%D%/sticker.c %D%/sticker.h

bin_PROGRAMS += enroll-code
enroll_code_SOURCES = %D%/enroll-code.c
enroll_code_CPPFLAGS = $(AM_CPPFLAGS) -DTAG_PROGRAM='"$(libexecdir)/enroll-tag"'
enroll_code_LDADD = libtool.a libtag.a libcode.a libprogram-hub.a libprogram.a libreason.a libutil.a libwire.a \
	$(YAML_LIBS) $(JANSSON_LIBS) $(QRENCODE_LIBS) $(PNG_LIBS) $(INIH_LIBS) $(SODIUM_LIBS) $(SYSTEMD_LIBS)
