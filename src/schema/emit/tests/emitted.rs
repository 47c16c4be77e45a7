use updown::prelude::*;
pub struct Migration;
impl Change<AnyConnection> for Migration {
    fn change(&self, _schema: &mut Schema<AnyConnection>) {}
}
