"""The account: its owner, its plan and its balance."""

from __future__ import annotations

from datetime import datetime

from .base import OpenEnum, ResponseStruct, as_datetime


class BillingType(OpenEnum):
    """The way in which the account pays. It decides which of the three billing fields of a `User` is set."""

    WALLET = "wallet"
    SUBSCRIPTION = "subscription"
    USAGE_BASED = "usage_based"


class Plan(OpenEnum):
    """The plan of a subscription."""

    FREE = "free"
    STARTER = "starter"
    CREATOR = "creator"
    PRO = "pro"
    TEAM = "team"
    ENTERPRISE = "enterprise"
    BUSINESS_PLUS = "business_plus"


class CreditPool(ResponseStruct):
    """Credits of one kind: the amount that remains, and the time of the next refill."""

    remaining: int | None = None
    resets_at: str | None = None

    @property
    def resets(self) -> datetime | None:
        """`resets_at` as an aware datetime."""
        return as_datetime(self.resets_at)


class Credits(ResponseStruct):
    """The credits of a subscription."""

    add_on_credits: CreditPool | None = None
    premium_credits: CreditPool | None = None


class Subscription(ResponseStruct):
    """Billing by subscription."""

    credits: Credits | None = None
    plan: Plan | None = None


class UsageBased(ResponseStruct):
    """Billing by usage. The spending fields are in USD."""

    included_credits: float | None = None
    remaining_credits: float | None = None
    spending_cap_usd: float | None = None
    spending_current_usd: float | None = None


class AutoReload(ResponseStruct):
    """The automatic reload of a wallet: its threshold and its amount, in USD."""

    enabled: bool | None = None
    amount_usd: float | None = None
    threshold_usd: float | None = None


class Currency(OpenEnum):
    """The unit of a wallet's balance."""

    USD = "usd"
    CREDITS = "credits"


class Wallet(ResponseStruct):
    """A prepaid balance, in `currency`."""

    currency: Currency | None = None
    remaining_balance: float | None = None
    auto_reload: AutoReload | None = None


class User(ResponseStruct):
    """The account of the API key. `billing_type` decides which of the last three fields is set."""

    username: str | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    billing_type: BillingType | None = None
    wallet: Wallet | None = None
    subscription: Subscription | None = None
    usage_based: UsageBased | None = None

    @property
    def balance_usd(self) -> float | None:
        """The balance of the wallet in USD; None if the account has no such wallet."""
        return self.wallet.remaining_balance if self.wallet and self.wallet.currency == Currency.USD else None
