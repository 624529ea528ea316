# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-conf
test_programs += %D%/test-master
test_programs += %D%/test-settings

%C%_test_conf_CPPFLAGS = $(AM_CPPFLAGS) -DSETTINGS_INSTALLED='"$(abs_top_srcdir)/conf/enrolld.conf"'
