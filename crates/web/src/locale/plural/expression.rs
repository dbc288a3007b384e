//! The expressions of plural rules: C's operators without assignment, and one variable, `n`.

use super::PluralError;

/// How deeply parentheses, `!` and `? :` may be nested.
const MAX_DEPTH: usize = 50;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expression {
    Number(u64),
    N,
    Not(Box<Self>),
    Binary(Operator, Box<Self>, Box<Self>),
    Choice(Box<Self>, Box<Self>, Box<Self>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Equal,
    Unequal,
    Less,
    Greater,
    LessOrEqual,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

use Operator::{
    Add, And, Divide, Equal, Greater, GreaterOrEqual, Less, LessOrEqual, Multiply, Or, Remainder,
    Subtract, Unequal,
};

/// Operators by how tightly they bind, the loosest first; longer signs before their beginnings.
const LEVELS: [&[(&str, Operator)]; 6] = [
    &[("||", Or)],
    &[("&&", And)],
    &[("==", Equal), ("!=", Unequal)],
    &[
        ("<=", LessOrEqual),
        (">=", GreaterOrEqual),
        ("<", Less),
        (">", Greater),
    ],
    &[("+", Add), ("-", Subtract)],
    &[("*", Multiply), ("/", Divide), ("%", Remainder)],
];

impl Expression {
    pub(super) fn parse(text: &str) -> Result<Self, PluralError> {
        let mut parser = Parser { text, at: 0 };
        let expression = parser.choice(0)?;
        match parser.rest() {
            "" => Ok(expression),
            _ => Err(parser.error()),
        }
    }

    /// `n != 1`.
    pub(super) fn not_one() -> Self {
        Self::Binary(Unequal, Box::new(Self::N), Box::new(Self::Number(1)))
    }

    /// The value for a number; `None` where it divides by zero or leaves 64 bits.
    pub(super) fn value(&self, n: u64) -> Option<u64> {
        Some(match self {
            Self::Number(number) => *number,
            Self::N => n,
            Self::Not(inner) => u64::from(inner.value(n)? == 0),
            Self::Binary(Or, a, b) => u64::from(a.value(n)? != 0 || b.value(n)? != 0),
            Self::Binary(And, a, b) => u64::from(a.value(n)? != 0 && b.value(n)? != 0),
            Self::Binary(operator, a, b) => operator.apply(a.value(n)?, b.value(n)?)?,
            Self::Choice(condition, yes, no) => match condition.value(n)? {
                0 => no.value(n)?,
                _ => yes.value(n)?,
            },
        })
    }
}

impl Operator {
    fn apply(self, a: u64, b: u64) -> Option<u64> {
        match self {
            Or => Some(u64::from(a != 0 || b != 0)),
            And => Some(u64::from(a != 0 && b != 0)),
            Equal => Some(u64::from(a == b)),
            Unequal => Some(u64::from(a != b)),
            Less => Some(u64::from(a < b)),
            Greater => Some(u64::from(a > b)),
            LessOrEqual => Some(u64::from(a <= b)),
            GreaterOrEqual => Some(u64::from(a >= b)),
            Add => a.checked_add(b),
            Subtract => a.checked_sub(b),
            Multiply => a.checked_mul(b),
            Divide => a.checked_div(b),
            Remainder => a.checked_rem(b),
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn choice(&mut self, depth: usize) -> Result<Expression, PluralError> {
        if depth > MAX_DEPTH {
            return Err(PluralError::TooDeep);
        }
        let condition = self.binary(0, depth)?;
        if !self.take("?") {
            return Ok(condition);
        }
        let yes = self.choice(depth + 1)?;
        if !self.take(":") {
            return Err(self.error());
        }
        let no = self.choice(depth + 1)?;
        Ok(Expression::Choice(
            Box::new(condition),
            Box::new(yes),
            Box::new(no),
        ))
    }

    fn binary(&mut self, level: usize, depth: usize) -> Result<Expression, PluralError> {
        let Some(operators) = LEVELS.get(level) else {
            return self.operand(depth);
        };
        let mut left = self.binary(level + 1, depth)?;
        while let Some(operator) = self.operator(operators) {
            let right = self.binary(level + 1, depth)?;
            left = Expression::Binary(operator, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn operand(&mut self, depth: usize) -> Result<Expression, PluralError> {
        if depth > MAX_DEPTH {
            return Err(PluralError::TooDeep);
        }
        if self.take("!") {
            return Ok(Expression::Not(Box::new(self.operand(depth + 1)?)));
        }
        if self.take("(") {
            let inner = self.choice(depth + 1)?;
            return match self.take(")") {
                true => Ok(inner),
                false => Err(self.error()),
            };
        }
        if self.take("n") {
            return Ok(Expression::N);
        }
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        let number = self.rest()[..digits].parse();
        let number = number.map_err(|_| self.error())?;
        self.at += digits;
        Ok(Expression::Number(number))
    }

    fn operator(&mut self, operators: &[(&str, Operator)]) -> Option<Operator> {
        let found = operators.iter().find(|(sign, _)| self.take(sign));
        found.map(|(_, operator)| *operator)
    }

    fn take(&mut self, sign: &str) -> bool {
        let found = self.rest().starts_with(sign);
        if found {
            self.at += sign.len();
        }
        found
    }

    /// What is left, without blanks before it.
    fn rest(&mut self) -> &str {
        let rest = &self.text[self.at..];
        let blanks = rest.len() - rest.trim_start().len();
        self.at += blanks;
        &self.text[self.at..]
    }

    fn error(&self) -> PluralError {
        PluralError::Syntax { at: self.at }
    }
}
