# SPDX-License-Identifier: Apache-2.0
dbuspolicydir = $(datadir)/dbus-1/system.d
dist_dbuspolicy_DATA = %D%/org.enrolld1.conf
settingsdir = $(sysconfdir)/enrolld
dist_settings_DATA = %D%/enrolld.conf
catalogdir = $(prefix)/lib/systemd/catalog
dist_catalog_DATA = %D%/enrolld.catalog
