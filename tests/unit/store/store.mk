# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-store
test_programs += %D%/test-store-crash
