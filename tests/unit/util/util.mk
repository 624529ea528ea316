# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-address
test_programs += %D%/test-file
test_programs += %D%/test-hex
test_programs += %D%/test-log
test_programs += %D%/test-nearest
test_programs += %D%/test-options
test_programs += %D%/test-packet
test_programs += %D%/test-passed
test_programs += %D%/test-series
test_programs += %D%/test-sorted
test_programs += %D%/test-time
test_programs += %D%/test-word

%C%_test_time_LDFLAGS = $(WALL_LINKING)
