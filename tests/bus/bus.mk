# SPDX-License-Identifier: Apache-2.0
# On a private bus, against a bluetoothd that misbehaves, and the D-Bus face with its real client.

test_programs += %D%/test-adapter %D%/test-central %D%/test-peripheral %D%/test-scan

test_programs += %D%/test-api
%C%_test_api_CPPFLAGS = $(AM_CPPFLAGS) -DENROLLCTL='"$(abs_top_builddir)/enrollctl"'
