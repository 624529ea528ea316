# SPDX-License-Identifier: Apache-2.0
nodist_man_MANS = \
	%D%/enroll-code.1 \
	%D%/enroll-device.1 \
	%D%/enroll-fetch.8 \
	%D%/enroll-read.8 \
	%D%/enroll-tag.8 \
	%D%/enrollctl.1 \
	%D%/enrolld.8 \
	%D%/enrolld.conf.5
CLEANFILES += $(nodist_man_MANS)
EXTRA_DIST += $(nodist_man_MANS:=.scd)

%D%/%: %D%/%.scd
	$(AM_V_GEN)$(MKDIR_P) %D% && $(SCDOC) <$< >$@
