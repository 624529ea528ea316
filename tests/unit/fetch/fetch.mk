# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-order
test_programs += %D%/test-answer
test_programs += %D%/test-fetcher
