//! One thing that was read looked up in the other: types by their names, and the tables of a `joinable!`.

use std::collections::HashMap;

use super::{CustomType, Declared, DeclaredReference, DeclaredTable, Place, Problem};

/// What was found, before one thing is looked up in the other.
#[derive(Default)]
pub struct Found {
    pub tables: Vec<DeclaredTable>,
    pub joins: Vec<Join>,
    /// By name, with the modules that it stands in.
    pub types: HashMap<String, Vec<(Vec<String>, CustomType)>>,
    /// What `use … as …` calls a type.
    pub aliases: HashMap<String, String>,
    pub problems: Vec<Problem>,
}

/// A `joinable!`, by the names that Rust has for the tables.
pub struct Join {
    pub child: Vec<String>,
    pub parent: Vec<String>,
    pub column: String,
    pub place: Place,
    pub line: Option<String>,
    pub module: Vec<String>,
}

impl Found {
    pub fn aliases(&mut self, tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Path(path) => self.aliases(&path.tree),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.aliases(tree)),
            syn::UseTree::Rename(rename) => {
                self.aliases.insert(rename.rename.to_string(), rename.ident.to_string());
            }
            _ => {}
        }
    }

    pub fn resolve(mut self) -> Result<Declared, Vec<Problem>> {
        if !self.problems.is_empty() {
            return Err(self.problems);
        }
        for table in &mut self.tables {
            for column in &mut table.columns {
                column.sql_type.rename(&self.aliases);
                column.sql_type.resolve(&self.types, &table.module);
            }
        }
        let mut references = Vec::new();
        for join in std::mem::take(&mut self.joins) {
            match self.reference(&join) {
                Ok(reference) => references.push(reference),
                Err(problem) => self.problems.push(Problem { line: join.line, ..problem }),
            }
        }
        if self.problems.is_empty() {
            Ok(Declared { tables: self.tables, references, beside: crate::schema::Beside::default() })
        } else {
            Err(self.problems)
        }
    }

    fn reference(&self, join: &Join) -> Result<DeclaredReference, Problem> {
        let child = self.find(&join.child, join)?;
        let parent = self.find(&join.parent, join)?;
        let column = child.columns.iter().find(|column| column.rust_name == join.column);
        let column = column.ok_or_else(|| {
            let have: Vec<&str> = child.columns.iter().map(|column| &*column.rust_name).collect();
            let what = format!("{} has no column {}", child.name, join.column);
            Problem::new(&join.place, what, format!("it has {}", have.join(", ")))
        })?;
        let [key] = &parent.primary_key[..] else {
            let what = format!(
                "{} has a primary key of several columns, to which no one column refers",
                parent.name
            );
            let hint = "declare a foreign key of all of them beside: `t.foreign_key([…], \"…\", […])`";
            return Err(Problem::new(&join.place, what, hint));
        };
        Ok(DeclaredReference {
            table: child.name.clone(),
            column: column.name.clone(),
            to: parent.name.clone(),
            to_column: key.clone(),
            place: join.place.clone(),
        })
    }

    /// The table of that name, in the module where it is asked for or anywhere.
    fn find(&self, path: &[String], join: &Join) -> Result<&DeclaredTable, Problem> {
        let wanted = path.last().map(String::as_str).unwrap_or_default();
        let all = || self.tables.iter().filter(|table| table.rust_name == wanted);
        let qualifier = path.len().checked_sub(2).and_then(|at| path.get(at));
        let is_in = |table: &&DeclaredTable| match qualifier {
            Some(module) => table.module.last() == Some(module) || table.name.schema.as_ref() == Some(module),
            None => table.module == join.module,
        };
        all().find(is_in).or_else(|| all().next()).ok_or_else(|| {
            let near = self.tables.iter().find(|table| strsim::osa_distance(&table.rust_name, wanted) <= 2);
            let hint = near.map_or_else(
                || "give the file that declares it as well".to_owned(),
                |near| format!("did you mean {}?", near.rust_name),
            );
            Problem::new(&join.place, format!("there is no `table!` of the name {wanted}"), hint)
        })
    }
}
