//! The schema of a store's database as the text of the files that `diesel.toml` names.

use std::path::Path;

use crate::error::Error;
use crate::migrator::Migrator;
use crate::reach::{self, Reached};
use crate::schema::print::{Printed, config::PrintConfig};

/// One `[print_schema]` and what it gives.
pub struct SchemaFile {
    pub config: PrintConfig,
    pub printed: Printed,
}

impl Migrator {
    /// The schema of the one store that is meant, for each `[print_schema]` of `diesel.toml` in the order of the
    /// keys. Reads alone.
    pub(crate) fn print_schema(
        &mut self,
        config_file: Option<&Path>,
        without_ledger: bool,
    ) -> Result<Vec<SchemaFile>, Error> {
        let config = self.config()?;
        let file = config_file.map_or_else(|| PrintConfig::file(&config.root), Path::to_owned);
        if config_file.is_some() && !file.is_file() {
            let hint = "`--config-file` names it; without it, the nearest diesel.toml counts";
            return Err(Error::usage(format!("there is no file {}", file.display()), hint));
        }
        let configs = PrintConfig::read(&file)?;
        let found = reach::open_whosever(&self.project, &config, &self.cancel, &self.reporter)?;
        let mut stores = found.each()?;
        let [store] = stores.as_mut_slice() else {
            let names: Vec<&str> = stores.iter().map(|store| store.name.as_str()).collect();
            let hint =
                format!("name one of {}: `--store {}`", names.join(", "), names.first().unwrap_or(&"main"));
            return Err(Error::usage("the schema of one store is printed at a time", hint));
        };
        configs.into_iter().map(|config| of_store(store, config, without_ledger)).collect()
    }
}

fn of_store(store: &mut Reached, config: PrintConfig, without_ledger: bool) -> Result<SchemaFile, Error> {
    let printed =
        store.session.print(&config, without_ledger).map_err(|error| error.of_store(&store.name))?;
    Ok(SchemaFile { config, printed })
}
