# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-given
test_programs += %D%/test-values
test_programs += %D%/test-verdict
