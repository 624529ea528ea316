# SPDX-License-Identifier: Apache-2.0
dbuspolicydir = $(datadir)/dbus-1/system.d
dist_dbuspolicy_DATA = %D%/org.enrolld1.conf
settingsdir = $(sysconfdir)/enrolld
dist_settings_DATA = %D%/enrolld.conf
dist_examples_DATA = %D%/mosquitto-enrolld.conf
catalogdir = $(prefix)/lib/systemd/catalog
dist_catalog_DATA = %D%/enrolld.catalog

# A completion is the common part with the words of one program, because the programs are in different packages.
bashcompletiondir = $(datadir)/bash-completion/completions
bashcompletion_DATA = %D%/bash-completion/enrollctl %D%/bash-completion/enroll-code %D%/bash-completion/enroll-device
completion_parts = %D%/bash-completion/common.bash $(bashcompletion_DATA:=.bash)
EXTRA_DIST += $(completion_parts)
CLEANFILES += $(bashcompletion_DATA)

$(bashcompletion_DATA): $(completion_parts)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && cat $(srcdir)/%D%/bash-completion/common.bash $(srcdir)/$@.bash >$@

# A broker for the hub, which tests/hub/login starts.
brokerdir = $(docdir)/examples
dist_broker_DATA = %D%/mosquitto-enrolld.conf %D%/mosquitto-enrolld.acl
