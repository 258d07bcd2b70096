"""The composition root: the only module that knows every package."""

from __future__ import annotations

import signal
from datetime import timedelta
from typing import Any

import click
from flask import Flask, Response, jsonify
from flask.cli import ScriptInfo, pass_script_info
from sqlalchemy import text

import config
from accounts import checks as account_checks
from accounts import guard, offline
from accounts.audit.commands import audit_cli
from accounts.blueprint import blueprint as accounts_blueprint
from accounts.commands import accounts_cli, demo_link_lines, first_run_lines
from accounts.permissions import may
from accounts.sign_in import reset_pages
from accounts.sso import round_trip
from accounts.views import (  # noqa: F401 - importing adds the routes
    accepting,
    account,
    admin,
    audit,
    clinic_import,
    clinic_people,
    clinics,
    first_run,
    invitations,
    invite_many,
    organizations,
    passkeys,
    people,
    person_accounts,
    recovery_codes,
    resets,
    second_factors,
    sign_in,
    sign_in_code,
    sso,
)
from action_plans import checks as plan_checks
from action_plans.blueprint import blueprint as plans_blueprint
from action_plans.commands import plans_cli
from action_plans.demo_commands import demo_cli
from action_plans.queries.plans import find_plan_of_assessment
from action_plans.queries.wheels import wheels_of
from action_plans.rounds import round_of
from action_plans.views import actions, goals, paper, plans  # noqa: F401 - importing adds the routes
from action_plans.wheel import Wheel
from assess.blueprint import blueprint as assess_blueprint
from assess.blueprint import pages as pages_blueprint
from assess.commands import analyse_command, assess_cli
from assess.following import mails as rating_mails
from assess.queries.joining import get_joined
from assess.views import (  # noqa: F401 - importing adds the routes
    agree,
    agreement,
    autosave,
    blank_forms,
    companion,
    corrections,
    excel,
    following,
    history,
    job_roles,
    join_links,
    joining,
    meeting,
    minutes,
    opening,
    pages,
    paper_forms,
    portfolio,
    rating,
    results,
    revotes,
    second_entry,
    steps,
)
from core import (
    checks,
    command_errors,
    database_checks,
    error_pages,
    headers,
    hosts,
    incoming,
    limits,
    logs,
    mail,
    routing,
    sqlite,
    transactions,
    web_server,
    worker,
)
from core.database_role import database_role
from core.days import day
from core.db import db
from core.doctor import doctor_command
from questionnaires.commands import questionnaires_cli
from research.api.answering import find_holder
from research.blueprint import blueprint as research_blueprint
from research.bundling import making
from research.commands import research_cli
from research.views import api, bundles, clinic, tokens, trends  # noqa: F401 - importing adds the routes

VERSION = "0.1.0"
CHECKS = (
    *checks.CHECKS,
    *database_checks.CHECKS,
    *account_checks.CHECKS,
    *plan_checks.CHECKS,
)
# far above any page of ours: a form that is refused unread could not come back with what was typed
LARGEST_REQUEST = 16 * 1024 * 1024
LARGEST = {
    "assess.put_answers": limits.MIB,
    "assess.save_block": limits.MIB,  # devices without an account send it
    "assess.preview_excel": 8 * limits.MIB,
    "assess.bring_in_excel": limits.MIB,
    "accounts.preview_import": 4 * limits.MIB,
    "accounts.confirm_import": 4 * limits.MIB,
    "accounts.invite_many_post": 4 * limits.MIB,
}
# what opens without a connection once it was open: the pages of one's own rating
KEPT_PAGES = {"assess.rate", "assess.rate_block", "assess.check_rating"}
IDLE_TIME = timedelta(minutes=30)
# half of them may wait for their password to be checked, and the others still answer at once
THREADS, MOST_THREADS = 16, 64


def create_app(settings: config.Settings | None = None) -> Flask:
    """Build the application from the settings (by default those of the environment)."""
    settings = settings or config.from_environment()
    app = Flask("blockwise", root_path=str(config.ROOT))
    app.request_class = incoming.Request
    app.config.update(_flask_settings(settings))
    logs.configure()
    routing.init_app(app)
    db.init_app(app)
    if settings.uses_sqlite:
        with app.app_context():
            sqlite.configure(db.engine)
    # the order of these hooks matters: transaction first, then who is asking
    limits.init_app(app, LARGEST)
    transactions.init_app(app)
    guard.init_app(app, find_joined=get_joined, find_holder=find_holder)
    hosts.init_app(app, names=settings.trusted_hosts, proxies=settings.proxies)
    headers.init_app(app)
    offline.init_app(app, is_on=settings.offline, keeps=KEPT_PAGES)
    error_pages.init_app(app)
    mail.init_app(app, settings.mailbox)
    round_trip.init_app(app, settings.single_sign_on)
    worker.init_app(
        app, {mail.KIND: mail.send_queued, **reset_pages.JOBS, **rating_mails.JOBS, **making.JOBS}
    )
    steps.init_app(app, has_plan=lambda key: find_plan_of_assessment(key) is not None)
    _register(app)
    _template_names(app)
    app.add_url_rule("/healthz", view_func=healthz)
    return app


def _flask_settings(settings: config.Settings) -> dict[str, Any]:
    return {
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(settings),
        "SECRET_KEY": settings.secret_key,
        "BASE_URL": settings.base_url,
        "DEMO": settings.demo,
        "PROXIES": settings.proxies,
        "SECRET_KEY_FILE": str(config.SECRET_KEY_FILE),
        "MAX_CONTENT_LENGTH": LARGEST_REQUEST,
        "MAX_FORM_MEMORY_SIZE": LARGEST_REQUEST,
        # Flask checks the age of its signed cookie, so this is the idle time-out of a sign-in
        "PERMANENT_SESSION_LIFETIME": IDLE_TIME,
        "SESSION_COOKIE_NAME": "__Host-blockwise" if settings.secure_cookies else "blockwise",
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "WTF_CSRF_TIME_LIMIT": None,
        # pages with a secret in their address send no referrer, and the cookie that the token is
        # compared with is bound to our host by its name
        "WTF_CSRF_SSL_STRICT": False,
        "WTF_CSRF_CHECK_DEFAULT": False,  # accounts.guard asks, after it knows who is there
        "SEND_FILE_MAX_AGE_DEFAULT": 3600,
    }


def _engine_options(settings: config.Settings) -> dict[str, Any]:
    # a connection for every thread that `serve` can have; more than its usual ones are not kept
    usual = {
        "pool_size": THREADS,
        "max_overflow": MOST_THREADS - THREADS,
        # the log of an error must not tell what people typed: the values of the failed statement
        "hide_parameters": True,
    }
    if settings.uses_sqlite:
        connect = {"check_same_thread": False}
        return {"module": sqlite.driver, "connect_args": connect, **usual}
    return {"pool_pre_ping": True, **usual}


def _register(app: Flask) -> None:
    app.register_blueprint(accounts_blueprint)
    app.register_blueprint(pages_blueprint)
    app.register_blueprint(assess_blueprint)
    app.register_blueprint(plans_blueprint)
    app.register_blueprint(research_blueprint)
    app.cli.add_command(accounts_cli)
    app.cli.add_command(analyse_command)
    app.cli.add_command(assess_cli)
    app.cli.add_command(audit_cli)
    app.cli.add_command(doctor_command(CHECKS))
    app.cli.add_command(questionnaires_cli)
    app.cli.add_command(demo_cli)
    app.cli.add_command(plans_cli)
    app.cli.add_command(research_cli)
    app.cli.add_command(database_role)
    app.cli.add_command(serve)
    app.cli.add_command(work)
    command_errors.explain(app.cli)


def _template_names(app: Flask) -> None:
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["app_version"] = VERSION
    app.jinja_env.globals["may"] = may
    app.jinja_env.globals["needs_first_run"] = first_run.needs_first_run
    app.jinja_env.filters["day"] = day
    app.jinja_env.globals["own_clinics"] = guard.own_clinics
    app.jinja_env.globals["clinic_wheel"] = clinic_wheel
    app.jinja_env.globals["clinic_wheels"] = clinic_wheels

    @app.context_processor
    def _names() -> dict[str, Any]:
        viewer = guard.current_viewer()
        fictional = app.config["DEMO"] or (viewer is not None and viewer.is_demo)
        joined = guard.current_joined()
        return {"viewer": viewer, "joined": joined, "demo_shown": fictional}


def clinic_wheel(clinic_id: int, assessment_id: int | None = None) -> Wheel | None:
    """Where a clinic stands on the wheel, for whoever is looking (two statements).

    Of several questionnaires under way: the round of that assessment alone, when it is one of them.
    """
    wheel = wheels_of([clinic_id], viewer=guard.current_viewer()).get(clinic_id)
    return round_of(wheel, assessment_id) if wheel and assessment_id else wheel


def clinic_wheels(clinic_ids: list[int]) -> dict[int, Wheel]:
    """The same for a list of clinics (two statements as well)."""
    return wheels_of(clinic_ids, viewer=guard.current_viewer())


@guard.public
def healthz() -> Response:
    """200 and the version when the database answers."""
    db.session.execute(text("select 1"))
    return jsonify(status="ok", version=VERSION)


@click.command("serve")
@click.option("--port", type=click.IntRange(1, 65535), default=5000, show_default=True)
@click.option("--threads", type=click.IntRange(1, MOST_THREADS), default=THREADS, show_default=True)
@pass_script_info
def serve(info: ScriptInfo, port: int, threads: int) -> None:
    """Serve on this machine: one process with threads, the right shape for SQLite."""
    app = info.load_app()
    try:
        server = web_server.make_server(
            app, port=port, threads=threads, behind_proxies=app.config["PROXIES"] > 0
        )
    except OSError as error:
        raise click.ClickException(
            f"port {port} is taken ({error.strerror}); choose another with --port."
        ) from error
    click.echo(f"\nBlockwise {VERSION} runs on http://127.0.0.1:{port}  (stop it with Ctrl+C)")
    with app.app_context():
        for line in [*demo_link_lines(), *first_run_lines()]:
            click.echo(line)
    stop_working = worker.start(app)
    server.run()
    stop_working()


@click.command("worker")
@pass_script_info
def work(info: ScriptInfo) -> None:
    """Send mail and do other work in the background, until it is told to stop."""
    app = info.load_app()
    endings = {signal.SIGTERM, signal.SIGINT}
    # blocked before the thread begins, so that it inherits this and only sigwait sees them
    signal.pthread_sigmask(signal.SIG_BLOCK, endings)
    stop_working = worker.start(app)
    click.echo(f"Blockwise {VERSION} works in the background  (stop it with Ctrl+C)", err=True)
    signal.sigwait(endings)
    stop_working()
