# SPDX-License-Identifier: Apache-2.0
nodist_systemunit_DATA = \
	%D%/enrolld.service \
	%D%/enroll-fetch.socket \
	%D%/enroll-fetch@.service \
	%D%/enroll-read.socket \
	%D%/enroll-read@.service \
	%D%/enroll-tag.socket \
	%D%/enroll-tag@.service
# For people who want it: README.md says what it does.
examplesdir = $(docdir)/examples
dist_examples_DATA += %D%/bluetooth-restart.conf %D%/bluetooth-interval.conf %D%/enroll-read-libcamera.conf
sysusersdir = $(prefix)/lib/sysusers.d
dist_sysusers_DATA = %D%/sysusers.d/enrolld.conf
# Which input devices are buttons of the hub.
udevrulesdir = $(prefix)/lib/udev/rules.d
dist_udevrules_DATA = %D%/udev/60-enrolld.rules
CLEANFILES += $(nodist_systemunit_DATA)
EXTRA_DIST += $(nodist_systemunit_DATA:=.in)

$(nodist_systemunit_DATA): %: %.in Makefile
	$(AM_V_GEN)$(MKDIR_P) %D% && \
		$(SED) -e 's|@libexecdir[@]|$(libexecdir)|g' -e 's|@runstatedir[@]|$(runstatedir)|g' $< >$@

# A check of the distribution must not write to the system's own directory.
AM_DISTCHECK_CONFIGURE_FLAGS = --with-systemdsystemunitdir='$${prefix}/lib/systemd/system'
