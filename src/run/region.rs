//! The AWS region where nothing that was typed says it.

use super::blocking::block_on;

/// The region that `aws` would use; None where it has none, or is not there.
pub fn configured_region() -> Option<String> {
    block_on(crate::aws::region(None)).ok()?.ok()
}
