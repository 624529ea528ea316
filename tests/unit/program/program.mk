# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-channel
test_programs += %D%/test-describe
test_programs += %D%/test-outline
test_programs += %D%/test-program
test_programs += %D%/test-verify
test_programs += %D%/test-words
