//! Empties the execution environments of functions on AWS instead of idling.

use std::sync::Arc;

use super::{Talk, blocking::block_on};
use crate::{
    aws::{self, Aws, AwsPlace},
    engine::SkipIdle,
    lang::Statement,
};

/// Functions whose environments are emptied in place of each idle phase.
#[derive(Clone, Debug)]
pub struct ForceCold {
    functions: Arc<[String]>,
    place: AwsPlace,
}

impl ForceCold {
    /// Shows through `talk` the calls that empty the environments of these functions, which are made
    /// in place of each idle phase.
    ///
    /// # Errors
    /// Whatever `aws` cannot do.
    pub(super) async fn of(
        functions: &[String],
        place: &AwsPlace,
        talk: &Talk,
    ) -> Result<ForceCold, aws::Error> {
        talk("In place of each idle phase:");
        let told = Talk::clone(talk);
        let show = move |line: &str| told(&format!("  {line}"));
        let shown = Aws::new(place.clone(), show).dry_run();
        for function in functions {
            aws::force_cold(&shown, function).await?;
        }
        Ok(ForceCold {
            functions: functions.into(),
            place: place.clone(),
        })
    }

    /// What empties them.
    pub fn skip(&self) -> SkipIdle {
        let (functions, place) = (Arc::clone(&self.functions), self.place.clone());
        SkipIdle::new(move |_| {
            // The calls were shown before the run; now they would break the display.
            let aws = Aws::new(place.clone(), |_| {});
            let forced = block_on(async {
                for function in functions.iter() {
                    aws::force_cold(&aws, function).await?;
                }
                Ok::<_, aws::Error>(())
            });
            let forced = forced.map_err(|error| Statement::verbatim(error.to_string()))?;
            forced.map_err(|error| {
                Statement::verbatim(match aws.left_behind() {
                    Some(left_behind) => format!("{error} {left_behind}"),
                    None => error.to_string(),
                })
            })
        })
    }
}
