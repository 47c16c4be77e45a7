use updown::prelude::*;
pub struct Migration;
impl Change<Steps<'_, AnyConnection>> for Migration {
    fn change(&self, _schema: &mut Schema<Steps<'_, AnyConnection>>) {}
}
