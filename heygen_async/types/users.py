"""The account: who it is, and what it may still spend."""

from __future__ import annotations

from .base import OpenEnum, ResponseStruct


class BillingType(OpenEnum):
    """How the account pays; tells which of the three billing fields of a `User` is set."""

    WALLET = "wallet"
    SUBSCRIPTION = "subscription"
    USAGE_BASED = "usage_based"


class Plan(OpenEnum):
    """A subscription's plan."""

    FREE = "free"
    STARTER = "starter"
    CREATOR = "creator"
    PRO = "pro"
    TEAM = "team"
    ENTERPRISE = "enterprise"
    BUSINESS_PLUS = "business_plus"


class CreditPool(ResponseStruct):
    """Credits of one sort: how many remain, and when they are filled up again."""

    remaining: int | None = None
    resets_at: str | None = None


class Credits(ResponseStruct):
    """A subscription's credits."""

    add_on_credits: CreditPool | None = None
    premium_credits: CreditPool | None = None


class Subscription(ResponseStruct):
    """Billing by plan."""

    credits: Credits
    plan: Plan


class UsageBased(ResponseStruct):
    """Billing by use; the spending fields are in USD."""

    included_credits: float | None = None
    remaining_credits: float | None = None
    spending_cap_usd: float | None = None
    spending_current_usd: float | None = None


class AutoReload(ResponseStruct):
    """Whether a wallet fills itself up, from which balance, and by how much, in USD."""

    enabled: bool
    amount_usd: float | None = None
    threshold_usd: float | None = None


class Currency(OpenEnum):
    """What a wallet counts."""

    USD = "usd"
    CREDITS = "credits"


class Wallet(ResponseStruct):
    """A prepaid balance, in `currency`."""

    currency: Currency
    remaining_balance: float | None = None
    auto_reload: AutoReload | None = None


class User(ResponseStruct):
    """The account that the key belongs to. `billing_type` says which of the last three fields is set."""

    username: str
    email: str | None
    first_name: str | None
    last_name: str | None
    billing_type: BillingType | None = None
    wallet: Wallet | None = None
    subscription: Subscription | None = None
    usage_based: UsageBased | None = None
