# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-audience
test_programs += %D%/test-cache
test_programs += %D%/test-channel
test_programs += %D%/test-coc
test_programs += %D%/test-heard
test_programs += %D%/test-reorder
test_programs += %D%/test-rfkill
