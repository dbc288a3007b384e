//! The templates of an application at work.

use std::any::Any;
use std::rc::Rc;

use crate::context::Context;
use crate::error::{Misuse, Result};
use crate::template::{Engine, Modules, Parts, Templates, Value, invalid};

/// What a response keeps for the page it renders.
pub(crate) type PageParts = Option<Box<Parts>>;

type UserValue = dyn Fn(&dyn Any) -> Value;
type Namespace<S> = dyn Fn(&mut Context<S>) -> Value;

/// Templates, modules and further values.
pub(crate) struct Rendering<S> {
    templates: Option<Templates>,
    engine: Option<Engine>,
    modules: Modules<S>,
    namespace: Option<Rc<Namespace<S>>>,
    user: Option<Box<UserValue>>,
}

impl<S> Rendering<S> {
    pub(crate) fn set_templates(&mut self, templates: Templates) {
        self.templates = Some(templates);
    }

    pub(crate) fn set_namespace(&mut self, values: impl Fn(&mut Context<S>) -> Value + 'static) {
        self.namespace = Some(Rc::new(values));
    }

    pub(crate) fn set_user(&mut self, value: impl Fn(&dyn Any) -> Value + 'static) {
        self.user = Some(Box::new(value));
    }

    /// `current_user` for templates, if they are to know it.
    pub(crate) fn user(&self, cx: &Context<S>) -> Option<Value> {
        let value = self.user.as_deref()?;
        Some(match cx.found_user() {
            Some(Some(user)) => value(&*user),
            Some(None) => Value::from(()),
            None => invalid(
                "await current_user() before the page is rendered, in the handler or in a middleware",
            ),
        })
    }

    pub(crate) fn modules_mut(&mut self) -> &mut Modules<S> {
        &mut self.modules
    }

    pub(crate) fn modules(&self) -> &Modules<S> {
        &self.modules
    }

    /// Sets the engine up, once everything is said.
    pub(crate) fn start(&mut self, debug: bool) {
        let Some(templates) = &self.templates else {
            return;
        };
        let mut engine = Engine::new(templates, debug);
        for name in self.modules.method_names() {
            engine.add_method(name);
        }
        self.engine = Some(engine);
    }

    pub(crate) fn engine(&self) -> Result<&Engine> {
        let problem = "render() needs Application::templates, which is not set";
        self.engine
            .as_ref()
            .ok_or_else(|| Misuse::new(problem).into())
    }

    pub(crate) fn namespace(&self) -> Option<&Rc<Namespace<S>>> {
        self.namespace.as_ref()
    }
}

impl<S: 'static> Default for Rendering<S> {
    fn default() -> Self {
        Self {
            templates: None,
            engine: None,
            modules: Modules::default(),
            namespace: None,
            user: None,
        }
    }
}
